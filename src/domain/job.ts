/** Work that follows a call: what is kept of it and shown. Pure. */
import type { CallId } from './call.ts';
import type { Json } from './serialise-event.ts';

export const JOB_KINDS = ['transcribe', 'summarise'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** The first three are open: of one kind there is at most one open job for each call. */
export const JOB_STATES = ['queued', 'running', 'retrying', 'completed', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

export type JobInput = {
  /** Of the summary, in English words: "Bulgarian". */
  language?: string;
  /** Jobs that this one queues when it has succeeded. */
  followedBy?: readonly { kind: JobKind; input: JobInput }[];
};

export type JobRequest = {
  kind: JobKind;
  callId: CallId;
  input: JobInput;
  /** Null: nobody asked, the call ended. */
  requestedById: number | null;
};

export type JobFailure = { code: string; message: string };

export type JobRecord = JobRequest & {
  id: string;
  state: JobState;
  attempts: number;
  /** What it came to, for who reads the list: counts, never text of a call. */
  result: Json;
  /** Of the last attempt; null when that succeeded or there was none. */
  failure: JobFailure | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

/** Newest first; `before` is the place of the last one seen. Null = not filtered. */
export type JobQuery = {
  kind: JobKind | null;
  state: JobState | null;
  callId: CallId | null;
  before: { createdAt: Date; id: string } | null;
  limit: number;
};

/** One attempt of a job failed. Final: another attempt would fail the same way. The message is shown to the user. */
export class JobError extends Error {
  readonly code: string;
  readonly isFinal: boolean;

  constructor(code: string, message: string, options: ErrorOptions & { isFinal?: boolean } = {}) {
    super(message, options);
    this.name = 'JobError';
    this.code = code;
    this.isFinal = options.isFinal ?? false;
  }
}
