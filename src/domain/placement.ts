/** A call that somebody wants placed, and why it was not. Pure. */
import type { CallId, CallLinks, CallMetadata } from './call.ts';
import type { NoRouteReason } from './dial-plan.ts';
import type { WantedLease } from './capacity.ts';

export type CallOrder = {
  /** E.164. */
  number: string;
  links: CallLinks;
  /** Of the user in whose name the call is placed; null: none. */
  slot: number | null;
  /** Number to show; null: the trunk's first. */
  callerId: string | null;
  /** Null: the best one. */
  trunkId: number | null;
  /** BCP 47; null: the setting. */
  language: string | null;
  /** Null: the settings. */
  ringSeconds: number | null;
  maxSeconds: number | null;
  /** Besides that of the trunk, such as `campaign:7`. */
  leases: readonly WantedLease[];
  /** Kept with the call; what its prompt is built from is among it. */
  metadata: CallMetadata;
  /** Chosen beforehand by whoever has to know it before the call exists. */
  callId?: CallId;
};

export type PlacedCall = { callId: CallId; callerNumber: string | null; leadId: number | null };

export type PlacementFailure =
  | NoRouteReason
  /** Every channel is in use. */
  | 'capacity'
  /** The row could not be written. */
  | 'unavailable'
  /** No media port, or the application is going down. */
  | 'notReady';

/** No INVITE was sent. */
export class PlacementError extends Error {
  override readonly name = 'PlacementError';
  readonly code: PlacementFailure;

  constructor(code: PlacementFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const NO_ROUTE_TEXTS: Readonly<Record<NoRouteReason, string>> = {
  noTrunk: 'There is no trunk to call out by: add one under /api/v1/trunks, or set TRUNK_ADDRESS.',
  trunkUnknown: 'There is no such trunk, or it is switched off.',
  destinationBlocked: 'No trunk may dial this number: its destination rules say so.',
  callerIdNotAllowed: 'No trunk may show this caller id: add it to the caller ids of a trunk.',
  slotMissing: 'The trunk needs a gate slot, and this user has none.',
  notRegistered: 'The trunk is not registered at its carrier now; its registration says why.',
};
