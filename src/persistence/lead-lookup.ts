/** Finds the lead that a number belongs to. */
import type { DatabaseAccess } from './guarded.ts';
import { guarded } from './guarded.ts';

/** In the owner's scope: its own, and of an admin those of its agents. The owner's own lead first, then the latest change. */
const FIND = `select l.id from leads l
  where l.phone_e164 = ? and (
    l.owner_id = ? or l.owner_id in (select u.id from users u where u.created_by_id = ? and u.role = 'agent')
    or exists (select from users s where s.id = ? and s.role = 'superadmin'))
  order by (l.owner_id = ?) desc, l.updated_at desc, l.id desc limit 1`;

/** Null: there is none, or nobody owns the call. Rejects with `DatabaseError`. */
export const createLeadLookup =
  (database: DatabaseAccess) =>
  (number: string, ownerId: number | null): Promise<number | null> =>
    guarded(database, async (em) => {
      if (ownerId === null) return null;
      const rows = await em.execute<{ id: number }[]>(FIND, [number, ownerId, ownerId, ownerId, ownerId]);
      return rows[0]?.id ?? null;
    });
