/** Keeps which leads a campaign has; the rows are also its queue. */
import { type Expression, type Kysely, type SqlBool, sql } from 'kysely';
import type { CallStatus } from '#domain/call.ts';
import type { CampaignLeadPage, CampaignLeadRecord, LeadFilter } from '#domain/campaign.ts';
import { isSameCountry } from '#domain/country.ts';
import { leadNameOf } from '#domain/lead.ts';
import type { OwnerScope } from '#domain/user.ts';
import { type CrmTables, isRowId, ownedBy, statements, timeOrNull } from './crm-tables.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

/** What came of adding leads by their ids: all, or none with the reason. */
export type AddedLeads = { ok: true; added: number } | { ok: false; reason: 'unknownLead' | 'foreignLead' };

/** All methods reject with `DatabaseError`. */
export type CampaignLeadsRepository = {
  /** By priority, then as they were added. Null when the campaign is gone. */
  list(
    campaignId: number,
    page: CampaignLeadPage,
  ): Promise<{ ownerId: number; total: number; leads: readonly CampaignLeadRecord[] } | null>;
  /** A lead that is in it already is not added again. */
  add(campaignId: number, leads: { ids: readonly number[]; priority: number }, scope: OwnerScope): Promise<AddedLeads>;
  /** Those of the scope that match; `matched` counts also those that were in the campaign already. */
  addMatching(campaignId: number, filter: LeadFilter, scope: OwnerScope): Promise<{ matched: number; added: number }>;
};

type Condition = Expression<SqlBool>;

/** The scope narrowed to the tenant of the campaign: whoever sees everyone's leads mixes them not either. */
const tenantOf = async (db: Kysely<CrmTables>, campaignId: number): Promise<OwnerScope> => {
  const { rows } = await sql<{ id: number; role: string }>`
    with owner as (select u.id, u.role, case when u.role = 'agent' then u.created_by_id else u.id end as admin_id
      from campaigns c join users u on u.id = c.owner_id where c.id = ${campaignId})
    select u.id, owner.role from owner join users u on u.id = owner.id or u.id = owner.admin_id
      or (u.role = 'agent' and u.created_by_id = owner.admin_id)`.execute(db);
  if (rows.some(({ role }) => role === 'superadmin')) return { kind: 'everyone' };
  return { kind: 'owners', ids: rows.map(({ id }) => id) };
};

const ownedByBoth = (one: OwnerScope, other: OwnerScope): Condition =>
  sql<SqlBool>`(${ownedBy(sql.ref('leads.owner_id'), one)} and ${ownedBy(sql.ref('leads.owner_id'), other)})`;

/** The name as `leadNameOf` tells it. */
const NAME = sql`coalesce(nullif(concat_ws(' ', nullif(leads.first_name, ''), nullif(leads.last_name, '')), ''),
  nullif(leads.email, ''), leads.phone_e164)`;

// Whoever deletes one of the leads meanwhile waits, and takes the row away again.
const insert = async (
  db: Kysely<CrmTables>,
  campaignId: number,
  priority: number,
  condition: Condition,
): Promise<{ matched: number; added: number }> => {
  const { rows } = await sql<{ matched: number; added: number }>`
    with found as (select leads.id, ${NAME} as name, leads.phone_e164, leads.country from leads
      where ${condition} order by leads.id for key share),
    added as (
      insert into campaign_leads (campaign_id, lead_id, lead_name, lead_phone, lead_country, priority)
      select ${campaignId}, id, name, phone_e164, country, ${priority} from found order by id
      on conflict (campaign_id, lead_id) do nothing returning 1)
    select (select count(*)::int from found) as matched, (select count(*)::int from added) as added`.execute(db);
  return rows[0] ?? { matched: 0, added: 0 };
};

const withCountries = async (
  db: Kysely<CrmTables>,
  condition: Condition,
  countries: readonly string[],
): Promise<Condition> => {
  // Countries are free text, and spelt in more ways than SQL could compare.
  const spelt = await db.selectFrom('leads').select('country').distinct().where(condition).execute();
  const matching = spelt.flatMap(({ country }) =>
    country !== null && countries.some((wanted) => isSameCountry(wanted, country)) ? [country] : [],
  );
  return sql<SqlBool>`(${condition} and leads.country = any(${sql.val(matching)}::text[]))`;
};

const withCounts = (condition: Condition, { minCallCount, maxCallCount }: LeadFilter): Condition =>
  sql<SqlBool>`(${condition}
    and ${minCallCount === null ? sql`true` : sql`leads.call_count >= ${minCallCount}`}
    and ${maxCallCount === null ? sql`true` : sql`leads.call_count <= ${maxCallCount}`})`;

const selectRows = (db: Kysely<CrmTables>) =>
  db
    .selectFrom('campaign_leads as row')
    .leftJoin('leads', (join) => join.onRef('leads.id', '=', 'row.lead_id').on('row.status', '=', 'pending'))
    .selectAll('row')
    .select(['leads.first_name', 'leads.last_name', 'leads.email', 'leads.phone_e164', 'leads.country']);

type Row = Awaited<ReturnType<ReturnType<typeof selectRows>['execute']>>[number];

/** Until it is called a lead shows what it is now, afterwards what it was called as. */
const shownLead = (row: Row) =>
  row.phone_e164 === null
    ? { leadName: row.lead_name, leadPhone: row.lead_phone, leadCountry: row.lead_country }
    : {
        leadName: leadNameOf({ firstName: row.first_name, lastName: row.last_name, email: row.email }, row.phone_e164),
        leadPhone: row.phone_e164,
        leadCountry: row.country,
      };

const toRecord = (row: Row): CampaignLeadRecord => ({
  id: row.id,
  leadId: row.lead_id,
  ...shownLead(row),
  status: row.status,
  priority: row.priority,
  callAttempts: row.call_attempts,
  lastAttemptAt: timeOrNull(row.last_attempt_at),
  scheduledFor: timeOrNull(row.scheduled_for),
  callSessionId: row.call_session_id,
  callDurationSeconds: row.call_duration,
  callResult: row.call_result,
  completedAt: timeOrNull(row.completed_at),
});

const countRows = async (db: Kysely<CrmTables>, campaignId: number, status: CallStatus | null) => {
  const { rows } = await sql<{ ownerId: number; total: number }>`
    select c.owner_id as "ownerId", (select count(*)::int from campaign_leads l where l.campaign_id = c.id
      and ${status === null ? sql`true` : sql`l.status = ${status}`}) as total
    from campaigns c where c.id = ${campaignId}`.execute(db);
  return rows[0] ?? null;
};

export const createCampaignLeadsRepository = (database: DatabaseAccess): CampaignLeadsRepository => ({
  list: (campaignId, { status, page, perPage }) =>
    guarded(database, async (em) => {
      if (!isRowId(campaignId)) return null;
      const db = statements(em);
      const counted = await countRows(db, campaignId, status);
      if (!counted) return null;
      const rows = await selectRows(db)
        .where('row.campaign_id', '=', campaignId)
        .$if(status !== null, (query) => query.where('row.status', '=', status as CallStatus))
        .orderBy('row.priority', 'desc')
        .orderBy('row.added_at')
        .orderBy('row.id')
        .limit(perPage)
        .offset((page - 1) * perPage)
        .execute();
      return { ...counted, leads: rows.map(toRecord) };
    }),
  add: (campaignId, { ids, priority }, scope) =>
    guarded(database, (em) =>
      em.transactional(async (inside): Promise<AddedLeads> => {
        const wanted = [...new Set(ids)];
        if (!wanted.every(isRowId)) return { ok: false, reason: 'unknownLead' };
        const db = statements(inside);
        const named = sql<SqlBool>`leads.id = any(${sql.val(wanted)}::int[])`;
        const allowed = ownedByBoth(scope, await tenantOf(db, campaignId));
        const { known, mine } = await db
          .selectFrom('leads')
          .select([
            sql<number>`count(*)::int`.as('known'),
            sql<number>`(count(*) filter (where ${allowed}))::int`.as('mine'),
          ])
          .where(named)
          .executeTakeFirstOrThrow();
        if (mine < known) return { ok: false, reason: 'foreignLead' };
        if (known < wanted.length) return { ok: false, reason: 'unknownLead' };
        const { added } = await insert(db, campaignId, priority, named);
        return { ok: true, added };
      }),
    ),
  addMatching: (campaignId, filter, scope) =>
    guarded(database, (em) =>
      em.transactional(async (inside) => {
        const db = statements(inside);
        const mine = withCounts(ownedByBoth(scope, await tenantOf(db, campaignId)), filter);
        const condition = filter.countries ? await withCountries(db, mine, filter.countries) : mine;
        return insert(db, campaignId, 0, condition);
      }),
    ),
});
