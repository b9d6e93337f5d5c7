/** What turns recorded speech into text. Pure types; implemented in `src/gemini` and `src/transcription`. */
import type { Heard } from './transcripts.ts';

export type TranscriptionTask = {
  /** Absolute. */
  path: string;
  /** ISO 639-1, where it is known; engines may take it as a hint. */
  language: string | null;
  signal: AbortSignal;
};

export type TranscriptionEngine = {
  /** Shown by the API. */
  readonly method: 'gemini_api' | 'command';
  /** Null where the engine does not say. */
  readonly model: string | null;
  /** Rejects with `JobError`. */
  transcribe(task: TranscriptionTask): Promise<Heard>;
};
