/** Agents of an admin, their gate slots, and what becomes of their things when they go. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { type AccountRefusal, type Actor, lowestFree, type NewUser, type UserRecord } from '#domain/account.ts';
import { noteAct } from './audit.repository.ts';
import { User } from './entities/user.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { changing, insertUser, lockUser, toUserRecord } from './users.repository.ts';

export type SlotPool = { min: number; max: number };

/** Gate slots are given out one after another, over all tenants. */
const LOCK_SLOTS = 'select pg_advisory_xact_lock(7282956)';

const freeSlot = async (em: EntityManager, pool: SlotPool): Promise<number | null> => {
  await em.execute(LOCK_SLOTS);
  const taken = await em.execute<{ slot: number }[]>(
    'select gate_slot as slot from users where gate_slot between ? and ?',
    [pool.min, pool.max],
  );
  return lowestFree(
    pool,
    taken.map(({ slot }) => slot),
  );
};

const create = async (
  em: EntityManager,
  { admin, user, pool }: { admin: Actor & { id: number }; user: NewUser; pool: SlotPool },
): Promise<UserRecord | AccountRefusal> => {
  // Also holds up whoever changes how many agents the admin may have.
  const owner = await lockUser(em, { id: admin.id, role: 'admin' });
  if (!owner) return 'notFound';
  const agents = await em.count(User, { createdById: admin.id, role: 'agent' });
  if (agents >= owner.maxAgents) return 'agentLimit';
  const gateSlot = await freeSlot(em, pool);
  if (gateSlot === null) return 'noGateSlot';
  const created = await insertUser(em, { ...user, role: 'agent', createdById: admin.id, gateSlot });
  const target = { type: 'user' as const, id: created.id };
  await noteAct(em, { by: admin, action: 'agent.created', target, details: { username: created.username, gateSlot } });
  return created;
};

// A finished row of another's campaign stays, with the name and number it was called by.
const FORGET_LEADS = `
delete from campaign_leads
where status = 'pending' and lead_id in (select id from leads where owner_id = ?)`;

const MOVE_CALLS = 'update call_sessions set owner_id = ?, updated_at = now() where owner_id = ?';

const remove = async (em: EntityManager, admin: Actor & { id: number }, id: number): Promise<AccountRefusal | null> => {
  // The same order as that of `create`, and new calls of the agent wait for the outcome.
  await lockUser(em, { id: admin.id });
  const row = await lockUser(em, { id, role: 'agent' });
  if (!row) return 'notFound';
  if (row.createdById !== admin.id) return 'notOwn';
  await em.execute(FORGET_LEADS, [id]);
  await em.execute(MOVE_CALLS, [admin.id, id]);
  // Its leads and campaigns go with it.
  await em.nativeDelete(User, { id });
  const details = { username: row.username, gateSlot: row.gateSlot ?? null };
  await noteAct(em, { by: admin, action: 'agent.deleted', target: { type: 'user', id }, details });
  return null;
};

/** Methods that change something give the refusal as a value; all reject with `DatabaseError`. */
export const createAgentsRepository = (database: DatabaseAccess, pool: SlotPool) => ({
  /** By id. */
  list: (adminId: number): Promise<readonly UserRecord[]> =>
    guarded(database, async (em) => {
      const rows = await em.find(User, { createdById: adminId, role: 'agent' }, { orderBy: { id: 'asc' } });
      return rows.map(toUserRecord);
    }),
  /** With the lowest gate slot that is free. */
  create: (admin: Actor & { id: number }, user: NewUser) =>
    changing(database, (em) => create(em, { admin, user, pool })),
  /** Its calls become the admin's; its leads and campaigns are deleted. Null when it is done. */
  remove: (admin: Actor & { id: number }, id: number) => changing(database, (em) => remove(em, admin, id)),
});
