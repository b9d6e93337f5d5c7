/** Agent slots: what admins ask for, what superadmins decide, and the address to pay to. */
import type { FilterQuery, InferEntity } from '@mikro-orm/core';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { type Actor, type AdjustmentRecord, type PaymentRecord, PRICE_PER_AGENT, prolonged } from '#domain/account.ts';
import { noteAct } from './audit.repository.ts';
import { constraintOf } from './database-error.ts';
import { PaymentRequest, SlotAdjustment, SystemSetting } from './entities/billing.entity.ts';
import { User } from './entities/user.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { THESE_IDS } from './lists.ts';
import { lockUser } from './users.repository.ts';

type PaymentRow = InferEntity<typeof PaymentRequest>;

export type BillingRefusal = 'notFound' | 'alreadyDecided' | 'alreadyPending' | 'belowZero' | 'tooMany';
export type Approval = { newMaxAgents: number; subscriptionEndDate: Date };
export type Adjustment = { previousMaxAgents: number; newMaxAgents: number };

const WALLET = 'payment_wallet_address';
const MAX_SLOTS = 1_000_000;

const COUNT_AGENTS = `
select created_by_id as id, count(*)::int as agents from users
where role = 'agent' and created_by_id in (${THESE_IDS}) group by created_by_id`;

const toPayment = (row: PaymentRow, admin: PaymentRecord['admin'] | undefined): PaymentRecord => ({
  id: row.id,
  adminId: row.adminId,
  numAgents: row.numAgents,
  totalAmount: row.totalAmount,
  status: row.status,
  paymentNotes: row.paymentNotes ?? null,
  adminNotes: row.adminNotes ?? null,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  approvedAt: row.approvedAt ?? null,
  admin: admin ?? { username: '', email: '', organization: null, maxAgents: 0, agentCount: 0 },
});

/** With their admins, in two more statements whatever their number. */
const withAdmins = async (em: EntityManager, rows: readonly PaymentRow[]): Promise<PaymentRecord[]> => {
  const ids = [...new Set(rows.map(({ adminId }) => adminId))];
  const counts = await em.execute<{ id: number; agents: number }[]>(COUNT_AGENTS, [JSON.stringify(ids)]);
  const agentsOf = new Map(counts.map(({ id, agents }) => [id, agents]));
  const admins = new Map(
    (await em.find(User, { id: ids })).map(({ id, username, email, organization, maxAgents }) => [
      id,
      { username, email, organization: organization ?? null, maxAgents, agentCount: agentsOf.get(id) ?? 0 },
    ]),
  );
  return rows.map((row) => toPayment(row, admins.get(row.adminId)));
};

const request = async (em: EntityManager, admin: Actor & { id: number }, wanted: PaymentOrder) => {
  const row = em.create(
    PaymentRequest,
    { ...wanted, adminId: admin.id, totalAmount: wanted.numAgents * PRICE_PER_AGENT },
    { partial: true },
  );
  await em.persist(row).flush();
  const target = { type: 'payment_request' as const, id: row.id };
  await noteAct(em, { by: admin, action: 'payment.requested', target, details: { numAgents: wanted.numAgents } });
  const [made] = await withAdmins(em, [await em.refreshOrFail(row)]);
  return made;
};

type PaymentOrder = { numAgents: number; paymentNotes: string | null };
type Decision = { id: number; isApproved: boolean; adminNotes: string | null; by: Actor };

/** The request and its admin, locked in the order in which everybody locks: admin first. */
const lockPending = async (em: EntityManager, id: number) => {
  const found = await em.findOne(PaymentRequest, { id });
  if (!found) return 'notFound';
  const admin = await lockUser(em, { id: found.adminId });
  const row = await em.refresh(found, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!row || !admin) return 'notFound';
  return row.status === 'pending' ? { row, admin } : 'alreadyDecided';
};

const decide = async (
  em: EntityManager,
  { id, isApproved, adminNotes, by }: Decision,
): Promise<Approval | BillingRefusal> => {
  const locked = await lockPending(em, id);
  if (typeof locked === 'string') return locked;
  const { row, admin } = locked;
  const now = new Date();
  em.assign(row, { status: isApproved ? 'approved' : 'rejected', adminNotes, updatedAt: now });
  if (isApproved) {
    if (admin.maxAgents + row.numAgents > MAX_SLOTS) return 'tooMany';
    em.assign(row, { approvedAt: now, approvedById: by.id });
    const subscriptionEndDate = prolonged(admin.subscriptionEndDate ?? null, now.getTime());
    em.assign(admin, { maxAgents: admin.maxAgents + row.numAgents, subscriptionEndDate, updatedAt: now });
  }
  await em.flush();
  const details = { adminId: admin.id, numAgents: row.numAgents, maxAgents: admin.maxAgents };
  const target = { type: 'payment_request' as const, id };
  await noteAct(em, { by, action: isApproved ? 'payment.approved' : 'payment.rejected', target, details });
  return { newMaxAgents: admin.maxAgents, subscriptionEndDate: admin.subscriptionEndDate ?? now };
};

type AdjustmentOrder = { adminId: number; slotsChange: number; reason: string; by: Actor & { id: number } };

const adjust = async (
  em: EntityManager,
  { adminId, slotsChange, reason, by }: AdjustmentOrder,
): Promise<Adjustment | BillingRefusal> => {
  const admin = await lockUser(em, { id: adminId, role: 'admin' });
  if (!admin) return 'notFound';
  const previousMaxAgents = admin.maxAgents;
  const newMaxAgents = previousMaxAgents + slotsChange;
  if (newMaxAgents < 0) return 'belowZero';
  if (newMaxAgents > MAX_SLOTS) return 'tooMany';
  em.assign(admin, { maxAgents: newMaxAgents, updatedAt: new Date() });
  await em.flush();
  const change = { slotsChange, reason, previousMaxAgents, newMaxAgents };
  await em.insert(SlotAdjustment, { ...change, adminId, adjustedById: by.id });
  await noteAct(em, { by, action: 'admin.slotsAdjusted', target: { type: 'user', id: adminId }, details: change });
  return { previousMaxAgents, newMaxAgents };
};

/** Refusals are values; all methods reject with `DatabaseError`. */
export const createBillingRepository = (database: DatabaseAccess) => {
  const listRequests = (where: FilterQuery<PaymentRow>): Promise<PaymentRecord[]> =>
    guarded(database, async (em) =>
      withAdmins(em, await em.find(PaymentRequest, where, { orderBy: { createdAt: 'desc', id: 'desc' } })),
    );
  return {
    /** One request may be pending for each admin. */
    request: async (admin: Actor & { id: number }, wanted: PaymentOrder): Promise<PaymentRecord | BillingRefusal> => {
      try {
        const made = await guarded(database, (em) => em.transactional((inside) => request(inside, admin, wanted)));
        return made ?? 'notFound';
      } catch (error) {
        if (constraintOf(error) === 'payment_requests_pending_unique') return 'alreadyPending';
        throw error;
      }
    },

    /** Newest first. */
    requestsOf: (adminId: number) => listRequests({ adminId }),

    /** Of all admins: pending ones first, then newest first. */
    requests: async (): Promise<PaymentRecord[]> => {
      const all = await listRequests({});
      return [...all.filter((each) => each.status === 'pending'), ...all.filter((each) => each.status !== 'pending')];
    },

    decide: (decision: Decision): Promise<Approval | BillingRefusal> =>
      guarded(database, (em) => em.transactional((inside) => decide(inside, decision))),

    adjust: (order: AdjustmentOrder): Promise<Adjustment | BillingRefusal> =>
      guarded(database, (em) => em.transactional((inside) => adjust(inside, order))),

    /** Newest first. */
    adjustmentsOf: (adminId: number): Promise<AdjustmentRecord[]> =>
      guarded(database, async (em) => {
        const rows = await em.find(SlotAdjustment, { adminId }, { orderBy: { id: 'desc' } });
        const ids = [...new Set(rows.map((row) => row.adjustedById))];
        const names = new Map((await em.find(User, { id: ids })).map((user) => [user.id, user.username]));
        return rows.map((row) => ({
          id: row.id,
          adminId: row.adminId,
          adjustedById: row.adjustedById,
          adjustedByUsername: names.get(row.adjustedById) ?? '',
          slotsChange: row.slotsChange,
          reason: row.reason,
          previousMaxAgents: row.previousMaxAgents,
          newMaxAgents: row.newMaxAgents,
          createdAt: row.createdAt,
        }));
      }),

    wallet: (): Promise<string | null> =>
      guarded(database, async (em) => (await em.findOne(SystemSetting, { key: WALLET }))?.value ?? null),

    setWallet: (address: string | null, by: Actor): Promise<void> =>
      guarded(database, (em) =>
        em.transactional(async (inside) => {
          const value = { key: WALLET, value: address, updatedAt: new Date(), updatedById: by.id };
          await inside.upsert(SystemSetting, value, { onConflictFields: ['key'] });
          const target = { type: 'setting' as const, id: WALLET };
          await noteAct(inside, { by, action: 'settings.walletChanged', target, details: { address } });
        }),
      ),
  };
};
