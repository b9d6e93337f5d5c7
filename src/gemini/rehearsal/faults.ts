/** Faults that a session can be given by the control endpoint, and the book of those not yet given. See docs/rehearsal.md. */
import { isObject, type Json } from './json.ts';

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
  /** Nothing is read for `forMs`: no close handshake, and the client's buffer fills. */
  | { kind: 'deaf'; forMs: number; afterMs: number }
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
  const read = READERS.get(value['kind']);
  if (!read) throw new ControlError(`Unknown fault ${String(value['kind'])}.`);
  return read(value);
};

const READERS: ReadonlyMap<unknown, (given: Json) => Fault> = new Map<Fault['kind'], (given: Json) => Fault>([
  ['refuse', (given) => ({ kind: 'refuse', status: numberOf(given, 'status', 503) })],
  ['hangSetup', () => ({ kind: 'hangSetup' })],
  ['delaySetup', (given) => ({ kind: 'delaySetup', ms: numberOf(given, 'ms', 1000) })],
  [
    'close',
    (given) => ({ kind: 'close', ...timeOf(given), code: numberOf(given, 'code', 1011), reason: reasonOf(given) }),
  ],
  ['brokenJson', (given) => ({ kind: 'brokenJson', ...timeOf(given) })],
  ['burst', (given) => ({ kind: 'burst', ms: numberOf(given, 'ms', 10_000), afterMs: numberOf(given, 'afterMs', 0) })],
  [
    'goAway',
    (given) => ({
      kind: 'goAway',
      timeLeftMs: numberOf(given, 'timeLeftMs', 10_000),
      afterMs: numberOf(given, 'afterMs', 0),
    }),
  ],
  ['stall', (given) => ({ kind: 'stall', afterMs: numberOf(given, 'afterMs', 0) })],
  [
    'deaf',
    (given) => ({ kind: 'deaf', forMs: numberOf(given, 'forMs', 10_000), afterMs: numberOf(given, 'afterMs', 0) }),
  ],
  ['neverTurnComplete', () => ({ kind: 'neverTurnComplete' })],
  ['noPong', () => ({ kind: 'noPong' })],
]);

const numberOf = (given: Json, name: string, fallback: number): number => {
  const found = given[name] ?? fallback;
  if (typeof found === 'number' && Number.isFinite(found) && found >= 0) return found;
  throw new ControlError(`${name} must be a number of at least 0.`);
};

const timeOf = (given: Json): { at: Moment; afterMs: number } => {
  const at = given['at'] ?? 'live';
  if (at !== 'setup' && at !== 'live') throw new ControlError('at must be setup or live.');
  return { at, afterMs: numberOf(given, 'afterMs', 0) };
};

const reasonOf = ({ reason }: Json): string => (typeof reason === 'string' ? reason : 'Fault injected.');
