/** What a final response to an outbound INVITE means (the table of the SIP outcome rules). Pure. */
import type { HangupCause } from './call.ts';

const BY_STATUS: ReadonlyMap<number, HangupCause> = new Map([
  [486, 'busy'],
  [600, 'busy'],
  [603, 'rejected'],
  [607, 'rejected'],
  [608, 'blocked'],
  [480, 'noAnswer'],
  [408, 'noAnswer'],
  [487, 'noAnswer'],
  [404, 'invalidNumber'],
  [410, 'invalidNumber'],
  [484, 'invalidNumber'],
  [604, 'invalidNumber'],
  [401, 'trunkRefused'],
  [407, 'trunkRefused'],
  [488, 'mediaRefused'],
  [606, 'mediaRefused'],
  [415, 'mediaRefused'],
  [500, 'trunkUnavailable'],
  [502, 'trunkUnavailable'],
  [503, 'trunkUnavailable'],
  [504, 'trunkUnavailable'],
]);

/** Causes of the telephone network (ITU-T Q.850) that say more than the SIP status that they came with. */
const BY_Q850: ReadonlyMap<number, HangupCause> = new Map([
  [1, 'invalidNumber'],
  [2, 'trunkUnavailable'],
  [3, 'invalidNumber'],
  [17, 'busy'],
  [18, 'noAnswer'],
  [19, 'noAnswer'],
  [20, 'noAnswer'],
  [21, 'rejected'],
  [22, 'invalidNumber'],
  [28, 'invalidNumber'],
  [34, 'trunkUnavailable'],
  [38, 'trunkUnavailable'],
  [41, 'trunkUnavailable'],
  [42, 'trunkUnavailable'],
  [44, 'trunkUnavailable'],
  [47, 'trunkUnavailable'],
  [50, 'trunkRefused'],
  [57, 'trunkRefused'],
  [65, 'mediaRefused'],
  [79, 'mediaRefused'],
  [88, 'mediaRefused'],
  [102, 'noAnswer'],
]);

export type Refusal = {
  status: number;
  /** Cause in a `Reason: Q.850` header (RFC 3326). */
  q850?: number | undefined;
  /** The SIP server made it up: nothing came from the network. */
  isInvented?: boolean | undefined;
  /** Nothing is known of the INVITE any more: the phone may still ring. */
  isUnknown?: boolean | undefined;
};

/** Cause kept for a final response >= 300; `wasRinging` = an 18x came before. */
export const causeOfRefusal = ({ status, q850, isInvented }: Refusal, wasRinging: boolean): HangupCause => {
  const told = q850 === undefined ? undefined : BY_Q850.get(q850);
  if (told) return told;
  if (status === 408 && isInvented) return 'trunkUnavailable';
  if (status === 403) return wasRinging ? 'rejected' : 'trunkRefused';
  const known = BY_STATUS.get(status);
  if (known) return known;
  if (status >= 600) return 'rejected';
  return status >= 400 ? 'fault' : 'redirected';
};

/** Whether the call may be tried over another trunk: this one is down, and nobody has heard of the call yet. */
export const isTrunkDown = (refusal: Refusal, wasRinging: boolean): boolean =>
  !wasRinging && refusal.isUnknown !== true && causeOfRefusal(refusal, wasRinging) === 'trunkUnavailable';
