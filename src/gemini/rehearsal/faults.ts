/** Faults that a session can be given by the control endpoint, and the book of those not yet given. See docs/rehearsal.md. */
import { isObject } from './json.ts';

export type Fault =
  /** The upgrade is answered with this HTTP status; 0 = the connection is cut without an answer. */
  | { kind: 'refuse'; status: number }
  /** `setup` is never answered. */
  | { kind: 'hangSetup' }
  | { kind: 'delaySetup'; ms: number }
  /** Code 1006: the connection is cut without a close frame. */
  | { kind: 'close'; at: Moment; code: number; reason: string; afterMs: number }
  | { kind: 'brokenJson'; at: Moment; afterMs: number }
  /** This much audio at once. */
  | { kind: 'burst'; ms: number; afterMs: number }
  /** Announced, and carried out when the time is over: close with 1011. */
  | { kind: 'goAway'; timeLeftMs: number; afterMs: number }
  /** The socket stays open, nothing is sent any more. */
  | { kind: 'stall'; afterMs: number }
  /** Nothing is read any more: no close handshake, and the client's buffer fills. */
  | { kind: 'deaf'; afterMs: number }
  | { kind: 'neverTurnComplete' }
  | { kind: 'noPong' };

/** `setup`: instead of `setupComplete`. `live`: `afterMs` after it. */
export type Moment = 'setup' | 'live';

export class ControlError extends Error {
  override name = 'ControlError';
  readonly code = 'badRequest';
}

/** Checks and completes what a test sent. Throws `ControlError`. */
export const readFault = (value: unknown): Fault => {
  if (!isObject(value)) throw new ControlError('fault must be an object.');
  const given = value;
  const number = (name: string, fallback: number): number => {
    const found = given[name] ?? fallback;
    if (typeof found === 'number' && Number.isFinite(found) && found >= 0) return found;
    throw new ControlError(`${name} must be a number of at least 0.`);
  };
  const at: Moment = given['at'] === 'setup' ? 'setup' : 'live';
  const afterMs = number('afterMs', 0);
  switch (given['kind']) {
    case 'refuse':
      return { kind: 'refuse', status: number('status', 503) };
    case 'hangSetup':
    case 'neverTurnComplete':
    case 'noPong':
      return { kind: given['kind'] };
    case 'delaySetup':
      return { kind: 'delaySetup', ms: number('ms', 1000) };
    case 'close':
      return {
        kind: 'close',
        at,
        afterMs,
        code: number('code', 1011),
        reason: typeof given['reason'] === 'string' ? given['reason'] : 'Fault injected.',
      };
    case 'brokenJson':
      return { kind: 'brokenJson', at, afterMs };
    case 'burst':
      return { kind: 'burst', ms: number('ms', 10_000), afterMs };
    case 'goAway':
      return { kind: 'goAway', timeLeftMs: number('timeLeftMs', 10_000), afterMs };
    case 'stall':
    case 'deaf':
      return { kind: given['kind'], afterMs };
    default:
      throw new ControlError(`Unknown fault ${String(given['kind'])}.`);
  }
};
