/** Admins and their tenants, as superadmins see them. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AccountRefusal, Actor, NewUser, UserRecord } from '#domain/account.ts';
import { noteAct } from './audit.repository.ts';
import { User } from './entities/user.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { THESE_IDS, THESE_TEXTS } from './lists.ts';
import { changing, insertUser, lockUser, toUserRecord } from './users.repository.ts';

export type AdminRecord = UserRecord & { agentCount: number };
export type AgentWithAdmin = UserRecord & { admin: Pick<UserRecord, 'id' | 'username' | 'organization'> };

export type SystemStats = { admins: number; agents: number; leads: number; campaigns: number };

const STATS = `
select (select count(*)::int from users where role = 'admin') as admins,
  (select count(*)::int from users where role = 'agent') as agents,
  (select count(*)::int from leads) as leads, (select count(*)::int from campaigns) as campaigns`;

const COUNT_AGENTS = `
select created_by_id as id, count(*)::int as agents from users
where role = 'agent' and created_by_id in (${THESE_IDS}) group by created_by_id`;

/** New calls of theirs, and new users of the tenant, wait until the transaction ends. */
const LOCK_TENANT = 'select id from users where id = ? or created_by_id = ? order by id for update';

const CALLS_OF = `select session_id as id from call_sessions where owner_id in (${THESE_IDS})`;

const EXISTING_CALLS = `select session_id as id from call_sessions where session_id in (${THESE_TEXTS})`;

/** What hangs on a call by its id, without a foreign key. */
const BY_CALL = ['call_transitions', 'call_snapshots', 'transcript_segments', 'recordings'];

// Pending rows of others' campaigns cannot be called any more.
const FORGET_LEADS = `
delete from campaign_leads
where status = 'pending' and lead_id in (select id from leads where owner_id in (${THESE_IDS}))`;

export type RemovedTenant = { agents: number; calls: number };

/** `takeAway` is told the ids of the calls before their rows go. */
const removeTenant = async (
  em: EntityManager,
  { id, by, takeAway }: { id: number; by: Actor; takeAway: (callIds: readonly string[]) => Promise<void> },
): Promise<RemovedTenant | null> => {
  const admin = await lockUser(em, { id, role: 'admin' });
  if (!admin) return null;
  const users = await em.execute<{ id: number }[]>(LOCK_TENANT, [id, id]);
  const userIds = users.map((user) => user.id);
  const theirIds = JSON.stringify(userIds);
  const calls = await em.execute<{ id: string }[]>(CALLS_OF, [theirIds]);
  const callIds = calls.map((call) => call.id);
  const theirCalls = JSON.stringify(callIds);
  await takeAway(callIds);
  for (const table of BY_CALL) await em.execute(`delete from ${table} where call_id in (${THESE_TEXTS})`, [theirCalls]);
  await em.execute(`delete from call_sessions where session_id in (${THESE_TEXTS})`, [theirCalls]);
  await em.execute(FORGET_LEADS, [theirIds]);
  // Leads, campaigns, requests and adjustments go with them.
  await em.execute(`delete from users where id in (${THESE_IDS})`, [theirIds]);
  const removed = { agents: userIds.length - 1, calls: callIds.length };
  const details = { username: admin.username, ...removed };
  await noteAct(em, { by, action: 'admin.deleted', target: { type: 'user', id }, details });
  return removed;
};

export const createAdminsRepository = (database: DatabaseAccess) => {
  const withCounts = (rows: readonly UserRecord[]): Promise<AdminRecord[]> =>
    guarded(database, async (em) => {
      const ids = rows.map(({ id }) => id);
      const counts = await em.execute<{ id: number; agents: number }[]>(COUNT_AGENTS, [JSON.stringify(ids)]);
      const agentsOf = new Map(counts.map(({ id, agents }) => [id, agents]));
      return rows.map((row) => ({ ...row, agentCount: agentsOf.get(row.id) ?? 0 }));
    });

  return {
    stats: (): Promise<SystemStats> =>
      guarded(database, async (em) => {
        const [row] = await em.execute<SystemStats[]>(STATS);
        return row ?? { admins: 0, agents: 0, leads: 0, campaigns: 0 };
      }),

    /** By id. */
    list: async (): Promise<readonly AdminRecord[]> => {
      const rows = await guarded(database, (em) => em.find(User, { role: 'admin' }, { orderBy: { id: 'asc' } }));
      return withCounts(rows.map(toUserRecord));
    },

    find: async (id: number): Promise<AdminRecord | null> => {
      const row = await guarded(database, (em) => em.findOne(User, { id, role: 'admin' }));
      return row && ((await withCounts([toUserRecord(row)]))[0] ?? null);
    },

    create: (user: NewUser & { organization: string }, by: Actor): Promise<AdminRecord | AccountRefusal> =>
      changing(database, async (em) => {
        const created = await insertUser(em, { ...user, role: 'admin', createdById: by.id });
        const target = { type: 'user' as const, id: created.id };
        await noteAct(em, { by, action: 'admin.created', target, details: { username: created.username } });
        return { ...created, agentCount: 0 };
      }),

    /** Of all tenants, by id. */
    agents: (): Promise<readonly AgentWithAdmin[]> =>
      guarded(database, async (em) => {
        const agents = await em.find(User, { role: 'agent' }, { orderBy: { id: 'asc' } });
        const admins = await em.find(User, { role: 'admin' });
        const adminOf = new Map(admins.map((admin) => [admin.id, toUserRecord(admin)]));
        return agents.flatMap((agent) => {
          const admin = adminOf.get(agent.createdById ?? 0);
          return admin ? [{ ...toUserRecord(agent), admin }] : [];
        });
      }),

    /** Those of the ids that have a row. */
    existingCalls: (callIds: readonly string[]): Promise<string[]> =>
      guarded(database, async (em) => {
        const rows = await em.execute<{ id: string }[]>(EXISTING_CALLS, [JSON.stringify(callIds)]);
        return rows.map((row) => row.id);
      }),

    /** Shuts the tenant out: nobody of it can log in or begin a call. Null when there is no such admin. */
    disableTenant: (id: number): Promise<number[] | null> =>
      guarded(database, (em) =>
        em.transactional(async (locked) => {
          if (!(await lockUser(locked, { id, role: 'admin' }))) return null;
          const agents = await locked.find(User, { createdById: id, role: 'agent' });
          const userIds = [id, ...agents.map((agent) => agent.id)];
          await locked.nativeUpdate(User, { id: userIds }, { isActive: false });
          return userIds;
        }),
      ),

    /**
     * Deletes the admin, its agents and everything they own; null when there is no such admin. `takeAway` is told the
     * ids of the calls before their rows go.
     */
    removeTenant: (id: number, by: Actor, takeAway: (callIds: readonly string[]) => Promise<void>) =>
      guarded(database, (em) => em.transactional((inside) => removeTenant(inside, { id, by, takeAway }))),
  };
};
