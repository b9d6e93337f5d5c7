/** What is written of a call, and the promises of the journal. Implemented in `src/persistence`. */
import type { CalleeKind } from './callee.ts';
import type {
  CallDirection,
  CallId,
  CallLinks,
  CallMetadata,
  CallStatus,
  HangupCause,
  RecordedOutcome,
} from './call.ts';

/** One transition of one actor of a call. `event` is already serialisable (see `serialiseEvent`). */
export type TransitionEntry = {
  callId: CallId;
  seq: number;
  at: Date;
  epoch: number;
  machine: string;
  machineVersion: number;
  /** `call`, `call/model`, … */
  actorPath: string;
  /** Counts the actors that had this path (a child invoked again is another incarnation). */
  incarnation: number;
  eventType: string;
  event: unknown;
  fromState: string | null;
  toState: string;
  ignored: boolean;
};

/** Taken in the same tick as the batch of transitions it belongs to. */
export type CallSnapshot = {
  seq: number;
  epoch: number;
  nodeId: string;
  machineVersion: number;
  state: string;
  context: unknown;
  row: CallRow;
};

/** The columns of `call_sessions` that the call itself changes. */
export type CallRow = {
  direction: CallDirection;
  status: CallStatus;
  callerNumber: string | null;
  calledNumber: string | null;
  sipCallId: string;
  startedAt: Date;
  answeredAt: Date | null;
  endedAt: Date | null;
  cause: HangupCause | null;
  causeDetail: string | null;
  /** Of a call that we placed: who has answered; null until that is known. */
  answeredBy: CalleeKind | null;
  outcome: RecordedOutcome | null;
  recordingPath: string | null;
  /** Written with the new row only: what users change of them later stays. */
  links?: CallLinks;
  /** BCP 47, of the agent; written with the new row only. */
  language?: string;
  /** Written with the new row only. */
  metadata?: CallMetadata;
};

export type JournalErrorCode =
  /** Not committed in time; the entries stay queued and may still be written. */
  | 'timeout'
  /** As `timeout`, while the database is known to be out. */
  | 'unavailable'
  /** Another process owns the call now: stop acting for it. */
  | 'fenced'
  /** The database refuses this row or snapshot for what is in it, or the journal does not know the call. */
  | 'rejected';

export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalError';
    this.code = code;
  }
}

export interface Journal {
  /**
   * Begin a call: from now on its entries gather, and `takeSnapshot` is asked in the tick of each flush.
   * Nothing is written before the first `durable`, which creates the row (barrier 1).
   */
  begin(callId: CallId, takeSnapshot: () => CallSnapshot): void;
  /** Go on with a call that was taken over: its row exists, its entries up to `seq` are written. */
  resume(
    callId: CallId,
    from: { seq: number; incarnations?: Readonly<Record<string, number>> },
    takeSnapshot: () => CallSnapshot,
  ): void;
  /** Queue one transition; written within milliseconds once the row exists. Never throws. */
  append(entry: TransitionEntry): void;
  /**
   * Everything appended so far, and the snapshot, is committed. Flushes at once.
   * Rejects with `JournalError` (`code` `timeout` | `unavailable` | `fenced` | `rejected`).
   */
  durable(callId: CallId, options: { timeoutMs: number }): Promise<void>;
  /** Stop tracking a call whose last entries are durable (or abandoned). */
  end(callId: CallId): void;
  /** False while commits fail; new calls are then refused. */
  readonly isAvailable: boolean;
  /** Flush everything and stop the writers; resolves when done or after the deadline. */
  close(options: { timeoutMs: number }): Promise<void>;
}
