/** How an order for a call is read, and why it was refused. */
import { ownerOfGreeting } from '#domain/greeting.ts';
import { readPhoneNumber } from '#domain/phone-number.ts';
import { PlacementError, type CallOrder, type PlacedCall, type PlacementFailure } from '#domain/placement.ts';
import { canSee, type OwnerScope } from '#domain/user.ts';
import { Problem } from './problem.ts';

/** Places calls; rejects with `PlacementError`. */
export interface CallPlacement {
  place(order: CallOrder): Promise<PlacedCall>;
}

const RETRY_AFTER = { 'retry-after': '5' };

const STATUS: Readonly<Record<PlacementFailure, readonly [number, string]>> = {
  noTrunk: [409, 'no_trunk'],
  trunkUnknown: [409, 'trunk_unknown'],
  destinationBlocked: [409, 'destination_blocked'],
  callerIdNotAllowed: [409, 'caller_id_not_allowed'],
  slotMissing: [409, 'slot_missing'],
  notRegistered: [503, 'trunk_not_registered'],
  capacity: [429, 'capacity_used_up'],
  unavailable: [503, 'not_recordable'],
  notReady: [503, 'not_ready'],
};

/** Rejects with `Problem`. */
export const placeOrder = async (placement: CallPlacement, order: CallOrder): Promise<PlacedCall> => {
  try {
    return await placement.place(order);
  } catch (error) {
    if (!(error instanceof PlacementError)) throw error;
    const [status, code] = STATUS[error.code];
    throw new Problem(status, code, error.message, status === 429 || status === 503 ? RETRY_AFTER : {});
  }
};

/** E.164. Throws `Problem` with the status that this API gives an unusable number. */
export const orderedNumber = (text: string, status: 400 | 422, defaultRegion: string | null): string => {
  const read = readPhoneNumber(text, { defaultRegion });
  if (read.ok) return read.number.e164;
  throw new Problem(status, 'number_unusable', `The phone number cannot be used: ${read.reason}.`);
};

/** Throws `Problem` for a greeting that the user may not have played. */
export const ownGreeting = (file: unknown, scope: OwnerScope): string | null => {
  if (file === undefined || file === null || file === '') return null;
  const owner = typeof file === 'string' ? ownerOfGreeting(file) : null;
  if (typeof file === 'string' && owner !== null && canSee(scope, owner)) return file;
  throw new Problem(
    400,
    'greeting_file_unknown',
    'The greeting file is not one of yours: generate the greeting again.',
  );
};
