/** Keeps the numbers that are not called. The dialler reads them in the statement that chooses whom to call. */
import type { BarredNumber } from '#domain/do-not-call.ts';
import type { OwnerScope } from '#domain/user.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

type Row = Omit<BarredNumber, 'createdAt'> & { createdAt: Date | string };

const COLUMNS = 'phone_e164 as e164, owner_id as "ownerId", reason, created_at as "createdAt"';
const VISIBLE = '(?::jsonb is null or owner_id in (select jsonb_array_elements_text(?::jsonb)::int))';

const LIST = `select ${COLUMNS} from do_not_call where ${VISIBLE} order by created_at desc, phone_e164 limit ? offset ?`;
const COUNT = `select count(*)::int as total from do_not_call where ${VISIBLE}`;
const ADD = `insert into do_not_call (phone_e164, owner_id, reason) values (?, ?, ?)
  on conflict (phone_e164, owner_id) do update set reason = coalesce(excluded.reason, do_not_call.reason)
  returning ${COLUMNS}`;
const REMOVE = 'delete from do_not_call where phone_e164 = ? and owner_id = ? returning 1';

const toBarred = (row: Row): BarredNumber => ({ ...row, createdAt: new Date(row.createdAt) });

const idsOf = (scope: OwnerScope): string | null => (scope.kind === 'everyone' ? null : JSON.stringify(scope.ids));

/** All methods reject with `DatabaseError`. */
export const createDoNotCallRepository = (database: DatabaseAccess) => ({
  /** Newest first. */
  list: (
    scope: OwnerScope,
    page: { limit: number; offset: number },
  ): Promise<{ total: number; numbers: BarredNumber[] }> =>
    guarded(database, async (em) => {
      const ids = idsOf(scope);
      const rows = await em.execute<Row[]>(LIST, [ids, ids, page.limit, page.offset]);
      const [count] = await em.execute<{ total: number }[]>(COUNT, [ids, ids]);
      return { total: count?.total ?? 0, numbers: rows.map(toBarred) };
    }),
  /** An entry that is there already keeps its reason, unless another one is given. */
  add: (e164: string, ownerId: number, reason: string | null): Promise<BarredNumber> =>
    guarded(database, async (em) => {
      const [row] = await em.execute<[Row]>(ADD, [e164, ownerId, reason]);
      return toBarred(row);
    }),
  /** False: there was none. */
  remove: (e164: string, ownerId: number): Promise<boolean> =>
    guarded(database, async (em) => (await em.execute<unknown[]>(REMOVE, [e164, ownerId])).length > 0),
});
