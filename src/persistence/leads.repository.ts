/** Keeps the leads. Statements go past the unit of work: lists and imports are long. */
import { type Kysely, sql } from 'kysely';
import type { LeadFields, LeadPage, LeadRecord } from '#domain/lead.ts';
import type { OwnerScope } from '#domain/user.ts';
import {
  type CrmTables,
  isRowId,
  OWNER_NAMES,
  ownedBy,
  ownerNameOf,
  statements,
  timeOf,
  timeOrNull,
} from './crm-tables.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { toSafeJson } from './journal-batch.ts';

/** All methods reject with `DatabaseError`. */
export type LeadsRepository = {
  create(ownerId: number, lead: LeadFields): Promise<LeadRecord>;
  /** Newest first. */
  list(scope: OwnerScope, page: LeadPage): Promise<{ leads: readonly LeadRecord[]; total: number }>;
  find(id: number): Promise<LeadRecord | null>;
  /** Changes what is given. Null when the lead is gone. */
  update(id: number, change: Partial<LeadFields>): Promise<LeadRecord | null>;
  /** Pending rows of campaigns go with it, others stay. False when the lead is gone. */
  remove(id: number): Promise<boolean>;
  /** Newest first, one page after the other. */
  pages(scope: OwnerScope): AsyncIterable<readonly LeadRecord[]>;
};

const EXPORT_PAGE = 1_000;

const selectLeads = (db: Kysely<CrmTables>) =>
  db.selectFrom('leads').innerJoin('users', 'users.id', 'leads.owner_id').selectAll('leads').select(OWNER_NAMES);

type Row = Awaited<ReturnType<ReturnType<typeof selectLeads>['execute']>>[number];

const toLead = (row: Row): LeadRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  ownerName: ownerNameOf(row),
  firstName: row.first_name,
  lastName: row.last_name,
  email: row.email,
  country: row.country,
  gender: row.gender,
  address: row.address,
  notes: row.notes,
  number: { countryCode: row.country_code ?? '', national: row.phone, e164: row.phone_e164 },
  createdAt: timeOf(row.created_at),
  updatedAt: timeOf(row.updated_at),
  lastCalledAt: timeOrNull(row.last_called_at),
  callCount: row.call_count,
});

const COLUMNS = {
  firstName: 'first_name',
  lastName: 'last_name',
  email: 'email',
  country: 'country',
  gender: 'gender',
  address: 'address',
  notes: 'notes',
} as const;

const columnsOf = ({ number, customData, ...texts }: Partial<LeadFields>) => ({
  ...Object.fromEntries(Object.entries(texts).map(([field, text]) => [COLUMNS[field as keyof typeof COLUMNS], text])),
  ...(number && { phone: number.national, country_code: number.countryCode, phone_e164: number.e164 }),
  ...(customData && { custom_data: toSafeJson(customData) }),
});

const findLead = async (db: Kysely<CrmTables>, id: number): Promise<LeadRecord | null> => {
  if (!isRowId(id)) return null;
  const row = await selectLeads(db).where('leads.id', '=', id).executeTakeFirst();
  return row ? toLead(row) : null;
};

const conditionOf = (scope: OwnerScope, country: string | null) => {
  const owned = ownedBy(sql.ref('leads.owner_id'), scope);
  return country === null ? owned : sql<boolean>`(${owned} and ${sql.ref('leads.country')} = ${country})`;
};

export const createLeadsRepository = (database: DatabaseAccess): LeadsRepository => {
  const page = (scope: OwnerScope, before: number | null): Promise<LeadRecord[]> =>
    guarded(database, async (em) => {
      const rows = await selectLeads(statements(em))
        .where(conditionOf(scope, null))
        .$if(before !== null, (query) => query.where('leads.id', '<', before))
        .orderBy('leads.id', 'desc')
        .limit(EXPORT_PAGE)
        .execute();
      return rows.map(toLead);
    });

  return {
    create: (ownerId, lead) =>
      guarded(database, async (em) => {
        const db = statements(em);
        const columns = columnsOf(lead) as { phone: string; phone_e164: string; gender: LeadRecord['gender'] };
        const { id } = await db
          .insertInto('leads')
          .values({ owner_id: ownerId, ...columns })
          .returning('id')
          .executeTakeFirstOrThrow();
        return (await findLead(db, id)) as LeadRecord;
      }),
    list: async (scope, { country, page: number, perPage }) => {
      const condition = conditionOf(scope, country);
      const [rows, count] = await Promise.all([
        guarded(database, (em) =>
          selectLeads(statements(em))
            .where(condition)
            .orderBy('leads.id', 'desc')
            .limit(perPage)
            .offset((number - 1) * perPage)
            .execute(),
        ),
        guarded(database, (em) =>
          statements(em)
            .selectFrom('leads')
            .where(condition)
            .select(sql<number>`count(*)::int`.as('total'))
            .executeTakeFirstOrThrow(),
        ),
      ]);
      return { leads: rows.map(toLead), total: count.total };
    },
    find: (id) => guarded(database, (em) => findLead(statements(em), id)),
    update: (id, change) =>
      guarded(database, async (em) => {
        if (!isRowId(id)) return null;
        const db = statements(em);
        await db
          .updateTable('leads')
          .set({ ...columnsOf(change), updated_at: sql`now()` })
          .where('id', '=', id)
          .execute();
        return findLead(db, id);
      }),
    remove: (id) =>
      guarded(database, (em) =>
        em.transactional(async (inside) => {
          if (!isRowId(id)) return false;
          const db = statements(inside);
          // The lead first: its lock holds up whoever is adding it to a campaign.
          const { numDeletedRows } = await db.deleteFrom('leads').where('id', '=', id).executeTakeFirstOrThrow();
          if (numDeletedRows === 0n) return false;
          await db.deleteFrom('campaign_leads').where('lead_id', '=', id).where('status', '=', 'pending').execute();
          return true;
        }),
      ),
    pages: async function* (scope) {
      let before: number | null = null;
      for (;;) {
        const leads: LeadRecord[] = await page(scope, before);
        if (leads.length > 0) yield leads;
        if (leads.length < EXPORT_PAGE) return;
        before = leads.at(-1)?.id ?? null;
      }
    },
  };
};
