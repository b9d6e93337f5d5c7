/** Trunks in memory, and a placing of calls that keeps the orders. */
import type { TrunkChange, TrunkOffice } from '#app/outbound/trunk-office.ts';
import type { CallId } from '#domain/call.ts';
import { PlacementError, type CallOrder, type PlacementFailure } from '#domain/placement.ts';
import type { Trunk } from '#domain/trunk.ts';
import type { CallOrders, OrderToCall } from '#http/call-order.routes.ts';
import type { CallPlacement } from '#http/placement.ts';

export type FakeOutbound = CallPlacement &
  CallOrders & {
    /** What operators wanted of calls. */
    ordered: OrderToCall[];
    trunks: TrunkOffice;
    orders: CallOrder[];
    passwords: Map<number, string | null>;
    /** Refuses every order from now on. */
    failure: PlacementFailure | null;
  };

const orderId = (n: number) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}` as CallId;

export const createFakeOutbound = (): FakeOutbound => {
  const rows = new Map<number, Trunk>();
  const passwords = new Map<number, string | null>();
  const isTaken = (name: string, id: number) => [...rows.values()].some((row) => row.name === name && row.id !== id);
  const keep = (id: number, { settings, password }: TrunkChange) => {
    if (isTaken(settings.name, id)) return null;
    if (password !== undefined) passwords.set(id, password);
    const trunk: Trunk = { ...settings, id, origin: 'api', hasPassword: typeof passwords.get(id) === 'string' };
    rows.set(id, trunk);
    return { trunk, registration: null };
  };
  const fake: FakeOutbound = {
    orders: [],
    ordered: [],
    order: (_callId, order) => {
      fake.ordered.push(order);
      return true;
    },
    passwords,
    failure: null,
    place: async (order) => {
      if (fake.failure) throw new PlacementError(fake.failure, 'It was to fail.');
      fake.orders.push(order);
      return { callId: orderId(fake.orders.length), callerNumber: '+359898995151', leadId: null };
    },
    trunks: {
      list: async () => [...rows.values()].map((trunk) => ({ trunk, registration: null })),
      find: async (id) => {
        const trunk = rows.get(id);
        return trunk ? { trunk, registration: null } : null;
      },
      create: async (change) => keep(rows.size + 1, change),
      update: async (id, change) => keep(id, change),
      remove: async (id) => rows.delete(id),
    },
  };
  return fake;
};
