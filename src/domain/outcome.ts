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

/** Cause kept for a final response >= 300; `wasRinging` = an 18x came before. */
export const causeOfRefusal = (status: number, wasRinging: boolean): HangupCause => {
  if (status === 403) return wasRinging ? 'rejected' : 'trunkRefused';
  const known = BY_STATUS.get(status);
  if (known) return known;
  if (status >= 600) return 'rejected';
  return status >= 400 ? 'fault' : 'redirected';
};
