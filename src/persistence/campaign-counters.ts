import { type Kysely, sql } from 'kysely';
import { COUNTED_AS, type CampaignCounters } from '#domain/campaign.ts';
import type { CrmTables } from './crm-tables.ts';

type Row = { id: number } & CampaignCounters;

const list = (values: readonly string[]) => sql.join(values.map((value) => sql.lit(value)));
const FINISHED = list(Object.values(COUNTED_AS).flat());
const count = (values: readonly string[]) => sql`(count(*) filter (where outcome in (${list(values)})))::int`;

/**
 * Counters by campaign id, with one statement for all. A row whose attempt is over counts by its status; one that waits
 * for another attempt, or is in it, by what the last finished one was.
 */
export const countersOf = async (
  db: Kysely<CrmTables>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, CampaignCounters>> => {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select campaign_id as id, count(*)::int as total, ${count(COUNTED_AS.answered)} as answered,
      ${count(COUNTED_AS.rejected)} as rejected, ${count(COUNTED_AS.failed)} as failed
    from campaign_leads row
    cross join lateral (
      select case when row.status in (${FINISHED}) then row.status
        when row.call_attempts > 0 then (
          select s.status from call_sessions s
          where s.lead_id = row.lead_id and s.campaign_id = row.campaign_id and s.status in (${FINISHED})
          order by s.started_at desc, s.id desc limit 1
        ) end as outcome
    ) latest
    where row.campaign_id = any(${sql.val([...ids])}::int[])
    group by row.campaign_id`.execute(db);
  return new Map(rows.map(({ id, ...counters }) => [id, counters]));
};
