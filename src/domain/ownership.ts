/** Which process owns a live call, and how one takes over the calls of another that is gone. */
import type { CallId } from './call.ts';

/** A call that is ours now, as its last owner left it. */
export type ClaimedCall = {
  callId: CallId;
  /** Already raised: the loser's statements, dialogs and media commands are refused from now on. */
  epoch: number;
  seq: number;
  machineVersion: number;
  state: string;
  context: unknown;
  /** Latest incarnation of each actor path, so that numbering goes on. */
  incarnations: Readonly<Record<string, number>>;
};

export interface Ownership {
  /** Write this process's lease and renew it every 2 s until `stop`. Waits for the first time only where Postgres `isUp`. */
  start(options?: { isUp: boolean }): Promise<void>;
  /** Take every live call whose owner is gone; one statement, safe against a rival that does the same. */
  claimAbandoned(): Promise<readonly ClaimedCall[]>;
  /** False from the moment this process is found to have stood still, for so long that others may have taken its calls, until `lost` has been asked. */
  readonly isCurrent: boolean;
  /** Told when the process finds that it stood still. */
  onSuspended(listener: () => void): Disposable;
  /** Those of the given calls that are not ours any more. */
  lost(calls: readonly { callId: CallId; epoch: number }[]): Promise<readonly CallId[]>;
  /** Give the lease back, so that a successor may claim at once. Does not mind that Postgres is out. */
  stop(): Promise<void>;
}
