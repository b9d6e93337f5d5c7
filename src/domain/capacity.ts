/** Limits on calls at the same time, held as leases by the calls themselves. Implemented in `src/persistence`. */
import type { CallId } from './call.ts';

/** `trunk:3`, `campaign:7`, `user:5`. */
export type CapacityScope = `${'trunk' | 'campaign' | 'user'}:${number}`;

export type WantedLease = { scope: CapacityScope; limit: number };

export type LeaseAnswer = { taken: true } | { taken: false; full: string };

export interface CapacityLeases {
  /** All of them or none. Taking what the call holds already is no fault. */
  take(callId: CallId, wanted: readonly WantedLease[]): Promise<LeaseAnswer>;
  release(callId: CallId): Promise<void>;
}
