import type { CallbackActorLogic } from 'xstate';
import type { CallId } from '#domain/call.ts';

export type TranscriptCommand = { type: 'transcript.flush' };

export type TranscriptKeeperEvent =
  /** A finished turn is in the database. */
  | { type: 'transcript.segmentKept'; index: number }
  | { type: 'transcript.keepFailed'; index: number; error: string }
  /** Everything that was said is in the database. */
  | { type: 'transcript.flushed'; segments: number };

/** What a transcription needs from the outside world. Implemented in `src/actors`. */
export type TranscriptionActors = {
  /** Joins pieces into turns, cuts what was not heard, and keeps each finished turn. */
  transcriptKeeper: CallbackActorLogic<TranscriptCommand, { callId: CallId; firstIndex: number }>;
};

export type TranscriptionPorts = { actors: TranscriptionActors };
