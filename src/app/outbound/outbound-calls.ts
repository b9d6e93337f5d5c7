/** Places calls: chooses routes, takes capacity, has the row written; only then does the call's machine send its INVITE. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { CallId } from '#domain/call.ts';
import type { CapacityLeases, CapacityScope } from '#domain/capacity.ts';
import { describeInvite, mayDial, planRoutes, type OutgoingRoute } from '#domain/dial-plan.ts';
import type { Log } from '#domain/log.ts';
import { phoneNumberOf } from '#domain/phone-number.ts';
import { NO_ROUTE_TEXTS, PlacementError, type CallOrder, type PlacedCall } from '#domain/placement.ts';
import type { OutgoingInvite } from '#domain/signalling.ts';
import { trunkAddress, type Trunk } from '#domain/trunk.ts';
import type { CallRegistry } from '#app/call-registry.ts';
import type { TrunkDirectory } from './trunk-directory.ts';

export type OutboundCallsDeps = {
  directory: Pick<TrunkDirectory, 'list' | 'find' | 'credentialsOf' | 'isRegistered'>;
  leases: CapacityLeases;
  registry: () => Pick<CallRegistry, 'place'>;
  /** Lead of this number that belongs to the owner; null: none, or no owner. */
  findLead: (number: string, ownerId: number | null) => Promise<number | null>;
  log: Log;
};

export type OutboundCalls = {
  /** Resolves once the row is durable and the INVITE is on its way; rejects with `PlacementError`. */
  place(order: CallOrder): Promise<PlacedCall>;
  /** The INVITE of a route. Throws when its trunk is gone. */
  describe(route: OutgoingRoute, calledNumber: string): OutgoingInvite;
  changeTrunk(callId: CallId, trunkId: number): Promise<boolean>;
  release(callId: CallId): void;
};

const DATABASE_MS = 3_000;
/** More are not tried for one call: by then it has rung nowhere for long enough. */
const MAX_ROUTES = 4;

const trunkScope = (id: number): CapacityScope => `trunk:${id}`;

const userOf = (uri: string) => /^(?:sips?:|tel:)([^@;?]+)/i.exec(uri)?.[1];

export const createOutboundCalls = (deps: OutboundCallsDeps): OutboundCalls => {
  const { directory, leases, log } = deps;

  const routeOver = (trunk: Trunk, { slot, callerId }: CallOrder): OutgoingRoute => ({
    trunkId: trunk.id,
    slot,
    callerNumber: callerId ?? trunk.callerIds[0] ?? trunk.username,
    sipCallId: randomUUID(),
    localTag: randomBytes(8).toString('hex'),
  });

  const plan = (order: CallOrder): readonly Trunk[] => {
    const request = { ...order, ownerId: order.links.ownerId };
    const planned = planRoutes(directory.list(), request, directory.isRegistered);
    if ('routes' in planned) return planned.routes.slice(0, MAX_ROUTES);
    throw new PlacementError(planned.refused, NO_ROUTE_TEXTS[planned.refused]);
  };

  const unavailable = (cause: unknown) =>
    new PlacementError('unavailable', 'The call cannot be written down now, so it is not placed.', { cause });

  /** A database that hangs is out for whoever waits for a call. */
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no answer in ${DATABASE_MS} ms`)), DATABASE_MS);
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw unavailable(error);
    } finally {
      clearTimeout(timer);
    }
  };

  /** The trunks from the first that has room on. */
  const takeRoom = async (callId: CallId, trunks: readonly Trunk[], order: CallOrder): Promise<readonly Trunk[]> => {
    let full = '';
    for (const [index, { id, capacity }] of trunks.entries()) {
      const wanted = [...order.leases, { scope: trunkScope(id), limit: capacity }];
      const answer = await inTime(leases.take(callId, wanted));
      if (answer.taken) return trunks.slice(index);
      full = answer.full;
      if (full !== trunkScope(id)) break;
    }
    throw new PlacementError('capacity', `Every channel is in use (${full}); try again when a call has ended.`);
  };

  const release = (callId: CallId): void => {
    leases.release(callId).catch((error: unknown) => {
      log.warn({ callId, error: String(error) }, 'Capacity was not given back yet; the reconciler does it.');
    });
  };

  const linked = async (order: CallOrder) => {
    const { links, number } = order;
    return { ...links, leadId: links.leadId ?? (await inTime(deps.findLead(number, links.ownerId))) };
  };

  return {
    place: async (order) => {
      const callId = order.callId ?? (randomUUID() as CallId);
      const planned = plan(order);
      const links = await linked(order);
      const trunks = await takeRoom(callId, planned, order);
      const routes = trunks.map((trunk) => routeOver(trunk, order));
      const [first] = trunks;
      const [route] = routes;
      if (!first || !route) throw new PlacementError('noTrunk', NO_ROUTE_TEXTS.noTrunk);
      const { number: calledNumber, language, ringSeconds, maxSeconds, metadata } = order;
      const refused = await deps.registry().place({
        ...{ callId, calledNumber, routes, links, language, ringSeconds, maxSeconds },
        source: trunkAddress(first),
        metadata: { direction: 'outbound', trunk: first.name, ...(language === null ? {} : { language }), ...metadata },
      });
      if (refused === null) return { callId, callerNumber: route.callerNumber, leadId: links.leadId };
      release(callId);
      throw refused;
    },
    describe: (route, calledNumber) => {
      const trunk = directory.find(route.trunkId);
      if (!trunk) throw new Error('The trunk of this call is gone.');
      const invite = describeInvite(trunk, route, calledNumber);
      const redirectTo = (contactUri: string): string | null => {
        const number = phoneNumberOf(userOf(contactUri));
        if (!trunk.followsRedirects || number === null) return null;
        const e164 = number.startsWith('+') ? number : `+${number}`;
        return mayDial(trunk, e164) ? describeInvite(trunk, route, e164).targetUri : null;
      };
      return { ...invite, auth: directory.credentialsOf(trunk), redirectTo };
    },
    changeTrunk: async (callId, trunkId) => {
      const trunk = directory.find(trunkId);
      if (!trunk?.isEnabled) return false;
      return (await leases.take(callId, [{ scope: trunkScope(trunkId), limit: trunk.capacity }])).taken;
    },
    release,
  };
};
