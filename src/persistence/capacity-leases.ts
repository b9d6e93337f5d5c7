/** What is in use, counted by rows that say who holds it: a lease without a living call is freed, so nothing can leak for good. */
import type { CallId } from '#domain/call.ts';
import type { CapacityLeases } from '#domain/capacity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type PostgresLeases = CapacityLeases & {
  /** Free what calls hold that are over, and what was taken for calls that never began. Returns how many. */
  freeOrphans(): Promise<number>;
};

/** One lock for each scope, held until the transaction ends: two that count at once would both find room. */
const LOCK = 'select pg_advisory_xact_lock(hashtextextended(?, 0))';

const TAKE = `insert into capacity_leases (call_id, scope, node_id)
  select ?, ?, ? where (select count(*) from capacity_leases where scope = ? and call_id <> ?) < ?
  on conflict (call_id, scope) do update set node_id = excluded.node_id
  returning scope`;

/** A call takes its leases before its row is written; for so long it counts as beginning. */
const FREE_ORPHANS = `delete from capacity_leases l
  where l.taken_at < now() - interval '30 seconds'
    and not exists (select from call_snapshots s where s.call_id = l.call_id and s.state <> 'ended')`;

class Full extends Error {
  readonly scope: string;
  constructor(scope: string) {
    super(`no room in ${scope}`);
    this.scope = scope;
  }
}

/** All methods reject with `DatabaseError`. */
export const createCapacityLeases = (database: DatabaseAccess, nodeId: string): PostgresLeases => ({
  take: (callId: CallId, wanted) =>
    guarded(database, async (em) => {
      if (wanted.length === 0) return { taken: true } as const;
      try {
        return await em.transactional(async (inside) => {
          // In one order for everybody, so that no two wait for each other.
          for (const { scope, limit } of wanted.toSorted((a, b) => (a.scope < b.scope ? -1 : 1))) {
            await inside.execute(LOCK, [scope]);
            const rows = await inside.execute<unknown[]>(TAKE, [callId, scope, nodeId, scope, callId, limit]);
            if (rows.length === 0) throw new Full(scope);
          }
          return { taken: true } as const;
        });
      } catch (error) {
        if (error instanceof Full) return { taken: false, full: error.scope } as const;
        throw error;
      }
    }),
  release: (callId) =>
    guarded(database, async (em) => void (await em.execute('delete from capacity_leases where call_id = ?', [callId]))),
  freeOrphans: () =>
    guarded(database, async (em) => {
      const { affectedRows } = await em.execute<{ affectedRows: number }>(FREE_ORPHANS, [], 'run');
      return affectedRows;
    }),
});
