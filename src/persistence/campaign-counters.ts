import type { EntityManager } from '@mikro-orm/postgresql';
import { type Kysely, sql } from 'kysely';
import { ABANDONED_AFTER_SECONDS, COUNTED_AS, type CampaignCounters, type CampaignOutcomes } from '#domain/campaign.ts';
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

type OutcomeRow = CampaignOutcomes['leads'] & CampaignOutcomes['answeredBy'] & { attempts: number; abandoned: number };

/**
 * One row for the campaign, whether it exists or not. Abandoned: the agent did not begin to speak in time, and it was not
 * the callee who hung up before that.
 */
const OUTCOMES = `with l as (select status, call_attempts from campaign_leads where campaign_id = ?),
  c as (
    select coalesce(s.answered_by, 'human') as answered_by,
      not (s.cause = 'callerHungUp' and s.ended_at < t.late_at) and not exists (
        select from call_transitions spoken where spoken.call_id = s.session_id
          and spoken.event_type = 'agent.startedSpeaking' and spoken.at <= t.late_at) as is_late
    from call_sessions s
    cross join lateral (select s.answered_at + make_interval(secs => ${ABANDONED_AFTER_SECONDS}) as late_at) t
    where s.campaign_id = ? and s.answered_at is not null and s.ended_at is not null
  )
  select (select count(*) from l where status = 'pending')::int as pending,
    (select count(*) from l where status in ('dialing', 'ringing', 'in_call'))::int as "inProgress",
    (select count(*) from l where status = 'answered')::int as answered,
    (select count(*) from l where status = 'rejected')::int as rejected,
    (select count(*) from l where status = 'busy')::int as busy,
    (select count(*) from l where status = 'no_answer')::int as "noAnswer",
    (select count(*) from l where status = 'failed')::int as failed,
    (select coalesce(sum(call_attempts), 0) from l)::int as attempts,
    (select count(*) from c where answered_by = 'human')::int as people,
    (select count(*) from c where answered_by = 'machine')::int as machines,
    (select count(*) from c where answered_by = 'screener')::int as screeners,
    (select count(*) from c where answered_by = 'human' and is_late)::int as abandoned`;

const NOTHING: CampaignOutcomes = {
  leads: { pending: 0, inProgress: 0, answered: 0, rejected: 0, busy: 0, noAnswer: 0, failed: 0 },
  attempts: 0,
  answeredBy: { people: 0, machines: 0, screeners: 0 },
  abandoned: 0,
};

/** How the leads and calls of one campaign ended so far. */
export const outcomesOf = async (em: EntityManager, campaignId: number): Promise<CampaignOutcomes> => {
  const [row] = await em.execute<OutcomeRow[]>(OUTCOMES, [campaignId, campaignId]);
  if (!row) return NOTHING;
  const { attempts, abandoned, people, machines, screeners, ...leads } = row;
  return { leads, attempts, answeredBy: { people, machines, screeners }, abandoned };
};
