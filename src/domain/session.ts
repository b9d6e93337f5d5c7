/** A call as the CRM sees it: the row of `call_sessions` with what hangs on it. Pure. */
import type { CallStatus } from './call.ts';
import type { RecordingRecord, RecordingState } from './records.ts';
import type { Transcripts } from './transcripts.ts';
import type { Speaker } from './transcript.ts';
import type { OwnerScope } from './user.ts';

/** Also ids of older systems, which are no UUIDs. */
export const SESSION_ID_PATTERN = /^[A-Za-z0-9_-]{1,128}$/;

/** A call of which a row exists, or of which nothing but its folder is left. */
export type SessionFacts = {
  sessionId: string;
  campaignId: number | null;
  leadId: number | null;
  leadCountry: string | null;
  /** Null: unclaimed. */
  ownerId: number | null;
  callerId: string | null;
  calledNumber: string | null;
  status: CallStatus;
  startedAt: Date;
  answeredAt: Date | null;
  endedAt: Date | null;
  recordingPath: string | null;
  recording: { state: RecordingState; files: RecordingRecord['files'] } | null;
  transcriptStatus: string | null;
  transcriptLanguage: string | null;
  /** Of the audio files, or of an older system; what was transcribed live is in `segments`. */
  transcripts: Transcripts | null;
  segments: readonly { speaker: Speaker; text: string }[];
  lastSegmentAt: Date | null;
  /** As it was written; checked when it is shown. */
  analysis: unknown;
};

export type SessionRecord = SessionFacts & {
  id: number;
  sentimentScore: number | null;
  interestLevel: number | null;
  keyPoints: unknown;
  followUpRequired: boolean;
  followUpNotes: string | null;
  asteriskLinkedid: string | null;
};

/** Null = not filtered. */
export type SessionQuery = {
  scope: OwnerScope;
  campaignId: number | null;
  leadId: number | null;
  status: CallStatus | null;
  limit: number;
};

/**
 * What became of a folder without a row. `unregistered`: its row cannot be written. `unknown`: there is no such folder,
 * or it is not left over (its call is live, or it is being deleted).
 */
export type Adoption = { kind: 'registered' | 'unknown' } | { kind: 'unregistered'; session: SessionFacts };
