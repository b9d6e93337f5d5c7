/** Who somebody is at the moment of a request: one statement, as every request asks. */
import { fullNameOf, type OwnerScope, type Viewer } from '#domain/user.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type Identity = { viewer: Viewer; isActive: boolean; scope: OwnerScope };

type Row = Omit<Viewer, 'fullName'> & {
  firstName: string | null;
  lastName: string | null;
  isActive: boolean;
  agentIds: number[] | null;
};

const FIND = `
select u.id, u.role, u.username, u.email,
  coalesce(u.organization, (select a.organization from users a where a.id = u.created_by_id and u.role = 'agent')) as organization,
  u.first_name as "firstName", u.last_name as "lastName",
  u.created_by_id as "createdById", u.gate_slot as "gateSlot", u.is_active as "isActive",
  coalesce(case u.role
    when 'superadmin' then true
    when 'admin' then u.subscription_end_date > now()
    else (select a.subscription_end_date > now() from users a where a.id = u.created_by_id and a.role = 'admin')
  end, false) as "isSubscribed",
  case u.role when 'admin' then
    (select array_agg(a.id order by a.id) from users a where a.created_by_id = u.id and a.role = 'agent')
  end as "agentIds"
from users u where u.id = ?`;

const scopeOf = ({ id, role, agentIds }: Row): OwnerScope =>
  role === 'superadmin' ? { kind: 'everyone' } : { kind: 'owners', ids: [id, ...(agentIds ?? [])] };

const toIdentity = (row: Row): Identity => {
  const { firstName: _first, lastName: _last, isActive, agentIds: _agents, ...viewer } = row;
  return { viewer: { ...viewer, fullName: fullNameOf(row) }, isActive, scope: scopeOf(row) };
};

export type Identities = {
  /** Null when there is no such user (any more). Rejects with `DatabaseError`. */
  find(userId: number): Promise<Identity | null>;
};

export const createIdentities = (database: DatabaseAccess): Identities => ({
  find: (userId) =>
    guarded(database, async (em) => {
      const [row] = await em.execute<Row[]>(FIND, [userId]);
      return row ? toIdentity(row) : null;
    }),
});
