import type { CallbackActorLogic, PromiseActorLogic } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { Fault } from '#domain/fault.ts';

/** `endedAt` (epoch ms): the end of the call, after which nothing is to be kept. */
export type RecorderCommand = { type: 'recorder.stop'; endedAt: number | null };

/** Whose voices are on it, for the session info beside the files. */
export type Parties = { callerNumber: string | null; calledNumber: string | null };

/** A file being written; `startedAt` (epoch ms) is the origin of its clock. */
export type Take = { path: string; startedAt: number };

/** `endedAt` (epoch ms): of the call, when the take was cut off before; silence is kept up to it. */
export type FinishedTake = Take & { durationMs: number; endedAt: number | null };

/** What a recording needs from the outside world. Implemented in `src/actors`. */
export type RecordingActors = {
  /** Starts recording in the media worker; tells every `recording.*` fact. */
  recorder: CallbackActorLogic<RecorderCommand, { callId: CallId; generation: number; cutOff: Take | null }>;
  /** Derived files, checksum, session info, database row. Resolves with the path kept in the call's row. */
  publishRecording: PromiseActorLogic<{ path: string }, { callId: CallId; parties: Parties; take: FinishedTake }>;
  /** Leaves the reason of a recording that failed where the operator sees it. */
  reportFailedRecording: PromiseActorLogic<void, { callId: CallId; failure: Fault }>;
};

export type RecordingPorts = { actors: RecordingActors };
