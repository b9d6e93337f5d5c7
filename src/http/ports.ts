/** What the HTTP side needs of the rest. */
import type { LiveCall } from '#app/live-calls.store.ts';
import type { ReplayedActor } from '#app/replay.ts';
import type { CallId } from '#domain/call.ts';
import type { CallQuery, CallRecord, RecordingRecord, TimelinePage, TransitionRecord } from '#domain/records.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';

/** Commands to calls that live in this process. */
export interface CallControl {
  find(callId: CallId): LiveCall | undefined;
  /** False when no such call is live. A call that is ending already stays as it is. */
  hangUp(callId: CallId): boolean;
}

/**
 * What the database knows of calls. A method rejects with an error whose `code` is `unavailable` while the database
 * cannot be reached (answered with 503); any other rejection is a fault (500).
 */
export interface CallRecords {
  /** Newest first, at most `limit`. */
  list(query: CallQuery): Promise<readonly CallRecord[]>;
  find(callId: CallId): Promise<CallRecord | null>;
  /** Null when there is no row; an owner of null is nobody's. */
  ownerOf(callId: CallId): Promise<{ ownerId: number | null } | null>;
  timeline(callId: CallId, page: TimelinePage): Promise<readonly TransitionRecord[]>;
  /** In the order spoken. */
  transcript(callId: CallId): Promise<readonly TranscriptSegment[]>;
  recording(callId: CallId): Promise<RecordingRecord | null>;
}

/** Rebuilds the actors of a call from its transitions, in order of `seq`; pure. */
export type ReplayCall = (rows: readonly TransitionRecord[]) => Promise<readonly ReplayedActor[]>;

export type PartHealth = { status: 'ok' | 'degraded' | 'down'; detail: string | null };

export type HealthReport = {
  status: 'ok' | 'degraded';
  /** Whether new calls are taken (false while starting, draining, or while the journal is out). */
  ready: boolean;
  version: string;
  uptimeSeconds: number;
  liveCalls: number;
  /** By name: journal, sip, media, model, … */
  parts: Readonly<Record<string, PartHealth>>;
};

/** Prometheus exposition, and what HTTP itself measures. */
export interface HttpMetrics {
  httpAnswered(answer: { method: string; route: string; status: number; seconds: number }): void;
  expose(): Promise<{ contentType: string; text: string }>;
}
