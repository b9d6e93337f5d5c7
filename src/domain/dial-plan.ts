/** Which trunks a call may take, in which order, and how its number is written there. Pure. */
import { SLOT_PLACEHOLDER, trunkDomain, trunkUri } from './trunk.ts';
import type { NumberFormat, Trunk } from './trunk.ts';
import type { OutgoingInvite } from './signalling.ts';

/** One way for a call to leave. The ids are chosen before the first of them is tried, so that each is durable before it is used. */
export type OutgoingRoute = {
  trunkId: number;
  /** Of the user; the prefix that follows from it is put before the number when it is dialled, and kept nowhere. */
  slot: number | null;
  callerNumber: string | null;
  sipCallId: string;
  localTag: string;
};

export type DialRequest = {
  /** E.164. */
  number: string;
  ownerId: number | null;
  slot: number | null;
  /** Number to show; null: the trunk's first. */
  callerId: string | null;
  trunkId: number | null;
};

export type NoRouteReason =
  'noTrunk' | 'trunkUnknown' | 'destinationBlocked' | 'callerIdNotAllowed' | 'slotMissing' | 'notRegistered';

export type DialPlan = { routes: readonly Trunk[] } | { refused: NoRouteReason };

/** The last reason is the one nearest to success: what is to be said when no trunk is left. */
const NEARNESS: readonly NoRouteReason[] = [
  'noTrunk',
  'trunkUnknown',
  'destinationBlocked',
  'callerIdNotAllowed',
  'slotMissing',
  'notRegistered',
];

const startsWithAny = (number: string, prefixes: readonly string[]) =>
  prefixes.some((prefix) => number.startsWith(prefix));

export const mayDial = (trunk: Pick<Trunk, 'allowedDestinations' | 'blockedDestinations'>, number: string): boolean =>
  (trunk.allowedDestinations.length === 0 || startsWithAny(number, trunk.allowedDestinations)) &&
  !startsWithAny(number, trunk.blockedDestinations);

const objection = (trunk: Trunk, request: DialRequest, isRegistered: (id: number) => boolean): NoRouteReason | null => {
  if (!mayDial(trunk, request.number)) return 'destinationBlocked';
  if (request.callerId !== null && !trunk.callerIds.includes(request.callerId)) return 'callerIdNotAllowed';
  if (trunk.dialPrefix?.includes(SLOT_PLACEHOLDER) && request.slot === null) return 'slotMissing';
  return trunk.kind === 'register' && !isRegistered(trunk.id) ? 'notRegistered' : null;
};

const isOffered = (trunk: Trunk, { ownerId, trunkId }: DialRequest): boolean =>
  trunk.isEnabled &&
  (trunk.ownerId === null || trunk.ownerId === ownerId) &&
  (trunkId === null || trunk.id === trunkId);

/** By priority; trunks of the owner before shared ones of the same priority. */
export const planRoutes = (
  trunks: readonly Trunk[],
  request: DialRequest,
  isRegistered: (trunkId: number) => boolean,
): DialPlan => {
  const offered = trunks.filter((trunk) => isOffered(trunk, request));
  if (offered.length === 0) return { refused: request.trunkId === null ? 'noTrunk' : 'trunkUnknown' };
  const objections = offered.map((trunk) => objection(trunk, request, isRegistered));
  const routes = offered
    .filter((_, index) => objections[index] === null)
    .toSorted(
      (a, b) => a.priority - b.priority || Number(b.ownerId !== null) - Number(a.ownerId !== null) || a.id - b.id,
    );
  if (routes.length > 0) return { routes };
  return { refused: NEARNESS.findLast((reason) => objections.includes(reason)) ?? 'noTrunk' };
};

const WRITTEN: Readonly<Record<NumberFormat, (number: string) => string>> = {
  plus: (number) => number,
  digits: (number) => number.replace(/^\+/, ''),
  doubleZero: (number) => number.replace(/^\+/, '00'),
};

/** The number as this trunk is to be sent it. */
export const dialledDigits = (trunk: Trunk, number: string, slot: number | null): string => {
  const prefix = (trunk.dialPrefix ?? '').replaceAll(SLOT_PLACEHOLDER, slot === null ? '' : String(slot));
  return `${prefix}${WRITTEN[trunk.numberFormat](number)}`;
};

/** The INVITE of a route, without its credentials. */
export const describeInvite = (
  trunk: Trunk,
  { slot, callerNumber, sipCallId, localTag }: OutgoingRoute,
  number: string,
): Omit<OutgoingInvite, 'auth' | 'redirectTo'> => {
  const domain = trunkDomain(trunk);
  const caller = callerNumber === null ? trunk.username : WRITTEN[trunk.numberFormat](callerNumber);
  return {
    targetUri: `sip:${dialledDigits(trunk, number, slot)}@${domain}`,
    callerUri: caller === null ? `sip:anonymous@${domain}` : `sip:${caller}@${domain}`,
    contactUser: trunk.username,
    sipCallId,
    localTag,
    proxyUri: trunkUri(trunk),
    codecs: trunk.codecs,
  };
};
