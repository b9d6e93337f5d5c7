/** Sums over calls, from what is kept of them: their rows, their transcripts, and what the model told of its use. */
import { DEAD_AIR_MS, type Figures, type StepFigures } from '#domain/figures.ts';
import type { ModelTokens } from '#domain/model-cost.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { THESE_IDS } from './lists.ts';

const USED = `from call_transitions where event_type = 'model.used' and call_id = `;
const TOKENS = `coalesce(sum((event->'usage'->>'promptTokens')::bigint), 0)::float8 as "inputTokens",
  coalesce(sum((event->'usage'->>'responseTokens')::bigint), 0)::float8 as "outputTokens"`;

/** Segments that overlap leave no silence: it counts from the latest end of all that was said before. */
const LIST = `
with calls as (
  select session_id, date_trunc(?, started_at, 'UTC') as step, answered_at,
    extract(epoch from ended_at - answered_at)::float8 as talked
  from call_sessions where started_at >= ? and started_at < ? and (? or owner_id in (${THESE_IDS}))
), said as (
  select c.step, s.speaker, s.start_ms, lag(s.speaker) over speech as before_speaker, lag(s.end_ms) over speech as before_end,
    max(s.end_ms) over (partition by s.call_id order by s.start_ms, s.index rows between unbounded preceding and 1 preceding)
      as quiet_since
  from calls c join transcript_segments s on s.call_id = c.session_id
  window speech as (partition by s.call_id order by s.start_ms, s.index)
), pauses as (
  select step, sum(start_ms - quiet_since) filter (where start_ms - quiet_since > ?) as dead_ms,
    array_agg(start_ms - before_end)
      filter (where speaker = 'agent' and before_speaker = 'user' and start_ms >= before_end) as waits
  from said group by step
), used as (
  select c.step, sum(u."inputTokens") as "inputTokens", sum(u."outputTokens") as "outputTokens"
  from calls c cross join lateral (select ${TOKENS} ${USED} c.session_id) u group by c.step
)
select c.step as at, count(*)::int as calls, count(c.answered_at)::int as answered, coalesce(sum(c.talked), 0) as "talkSeconds",
  coalesce(max(p.dead_ms), 0)::float8 / 1000 as "deadAirSeconds", coalesce(cardinality(max(p.waits)), 0) as "waitCount",
  (select percentile_disc(array[0.5, 0.95]) within group (order by w) from unnest(max(p.waits)) w) as shares,
  max(u."inputTokens") as "inputTokens", max(u."outputTokens") as "outputTokens"
from calls c left join pauses p using (step) left join used u using (step)
group by c.step order by c.step`;

type Row = Omit<StepFigures, 'waits' | 'at'> & { at: Date | string; waitCount: number; shares: number[] | null };

const toFigures = ({ at, waitCount, shares, ...sums }: Row): StepFigures => ({
  ...sums,
  at: new Date(at),
  waits: { count: waitCount, p50Ms: shares?.[0] ?? null, p95Ms: shares?.[1] ?? null },
});

/** All methods reject with `DatabaseError`. */
export const createFiguresRepository = (database: DatabaseAccess): Figures => ({
  list: ({ scope, from, before, step }) =>
    guarded(database, async (em) => {
      const isAll = scope.kind === 'everyone';
      const parameters = [step, from, before, isAll, JSON.stringify(isAll ? [] : scope.ids), DEAD_AIR_MS];
      return (await em.execute<Row[]>(LIST, parameters)).map(toFigures);
    }),
  tokensOf: (callId) =>
    guarded(database, async (em) => {
      const [tokens] = await em.execute<ModelTokens[]>(`select ${TOKENS} ${USED} ?`, [callId]);
      return tokens ?? { inputTokens: 0, outputTokens: 0 };
    }),
});
