/** What is kept of calls, as it is read back and shown. Pure. Implemented in `src/persistence`, shown by `src/http`. */
import type { CallDirection, CallId, CallStatus } from './call.ts';
import type { CallRow, TransitionEntry } from './journal.ts';
import type { OwnerScope } from './user.ts';

/** One row of `call_sessions`. */
export type CallRecord = CallRow & { callId: CallId };

/** Place of a call in the order of the list (newest first; the id decides between equal times). */
export type CallPosition = { startedAt: Date; callId: CallId };

/** Null = not filtered. */
export type CallQuery = {
  /** Whose calls. */
  scope: OwnerScope;
  status: CallStatus | null;
  direction: CallDirection | null;
  /** Equal to the caller's or the called number. */
  number: string | null;
  /** Inclusive. */
  startedFrom: Date | null;
  /** Exclusive. */
  startedBefore: Date | null;
  /** Only calls that come after this one in the list. */
  after: CallPosition | null;
  limit: number;
};

/** A row of `call_transitions`. */
export type TransitionRecord = TransitionEntry;

/** Transitions with `seq` > `afterSeq`, ascending, at most `limit`. Null = from the first. */
export type TimelinePage = { afterSeq: number | null; limit: number };

export const RECORDING_CHANNELS = ['stereo', 'mixed', 'incoming', 'outgoing'] as const;
export type RecordingChannel = (typeof RECORDING_CHANNELS)[number];

export type RecordingState = 'writing' | 'finalising' | 'published' | 'repairing' | 'failed';

/** A file in the call's session folder; a plain name, never a path. */
export type RecordingFile = { fileName: string; bytes: number; sha256: string | null };

export type RecordingRecord = {
  callId: CallId;
  state: RecordingState;
  startedAt: Date | null;
  durationMs: number | null;
  files: Partial<Record<RecordingChannel, RecordingFile>>;
  /** Why it failed; `code` is an error code such as `ENOSPC`, the message is for the log. */
  failure: { code: string; message: string } | null;
};
