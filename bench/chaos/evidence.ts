/** What the database and the model server tell of the calls, asked from outside of the application. */
import { createStatementRunner } from '#persistence/statement-runner.ts';
import type { ChaosSystem } from './chaos-system.ts';
import type { TracedTransition } from './trace-line.ts';

export type CallEvidence = {
  callId: string;
  sipCallId: string;
  status: string;
  cause: string | null;
  endedAt: number | null;
  epoch: number | null;
  state: string | null;
  /** Of its transitions. */
  count: number;
  lastSeq: number;
  greetings: number;
  /** What its model has asked for by tools; `id` is the key under which the effect may be repeated. */
  intents: { id: string; result: string }[];
  /** The result that was kept of the call. */
  outcome: string | null;
  recordings: { state: string; startedAt: number | null; durationMs: number | null }[];
  segments: { speaker: string; text: string; startMs: number; endMs: number }[];
};

export type Evidence = {
  /** The rows of these SIP calls. */
  calls(sipCallIds: readonly string[]): Promise<CallEvidence[]>;
  /** Null before the call has a row. */
  findCallId(sipCallId: string): Promise<string | null>;
  /** How many of these SIP calls are not over yet, with their recordings. */
  unsettled(sipCallIds: readonly string[]): Promise<number>;
  /** SIP Call-IDs of calls that are not over. */
  open(): Promise<string[]>;
  /** A line for each transition of a call. */
  timeline(callId: string): Promise<string[]>;
  /** Those of the traced transitions that are not in the database as they were traced. */
  missing(traced: readonly TracedTransition[]): Promise<TracedTransition[]>;
  close(): Promise<void>;
};

const CALLS = `
select s.session_id as "callId", s.sip_call_id as "sipCallId", s.status, s.cause,
  extract(epoch from s.ended_at)::float8 * 1000 as "endedAt", p.epoch, p.state,
  coalesce(t.count, 0) as count, coalesce(t.last, 0) as "lastSeq", coalesce(t.greetings, 0) as greetings,
  s.outcome ->> 'result' as outcome, coalesce(i.intents, '[]') as intents,
  coalesce((select jsonb_agg(jsonb_build_object('state', r.state, 'durationMs', r.duration_ms,
    'startedAt', extract(epoch from r.started_at)::float8 * 1000)) from recordings r where r.call_id = s.session_id), '[]') as recordings,
  coalesce((select jsonb_agg(jsonb_build_object('speaker', g.speaker, 'text', g.text, 'startMs', g.start_ms, 'endMs', g.end_ms)
    order by g.index) from transcript_segments g where g.call_id = s.session_id), '[]') as segments
from call_sessions s
left join call_snapshots p on p.call_id = s.session_id
left join lateral (
  select count(*)::int as count, max(seq) as last,
    count(*) filter (where actor_path = 'call' and event_type = 'session.greeted')::int as greetings
  from call_transitions where call_id = s.session_id
) t on true
left join lateral (
  select jsonb_agg(jsonb_build_object('id', c ->> 'id', 'result', c -> 'args' ->> 'result') order by seq) as intents
  from call_transitions, jsonb_array_elements(event -> 'calls') c
  where call_id = s.session_id and actor_path = 'call' and event_type = 'session.toolsCalled'
) i on true
where s.sip_call_id in (select jsonb_array_elements_text($1::jsonb))`;

const FIND = 'select session_id as "callId" from call_sessions where sip_call_id = $1 limit 1';

const OPEN = `
select s.sip_call_id as "sipCallId" from call_sessions s join call_snapshots p on p.call_id = s.session_id
where p.state <> 'ended'`;

const UNSETTLED = `
select count(*)::int as count from jsonb_array_elements_text($1::jsonb) as wanted(id)
where not exists (
  select from call_sessions s join call_snapshots p on p.call_id = s.session_id
  where s.sip_call_id = wanted.id and p.state = 'ended'
    and not exists (select from recordings r where r.call_id = s.session_id and r.state not in ('published', 'failed'))
)`;

const MISSING = `
select e.seq, e."callId", e.epoch, e.pid, e.at, e."eventType"
from jsonb_to_recordset($1::jsonb) as e("callId" text, seq int, epoch int, pid int, at float8, "eventType" text)
left join call_transitions t on t.call_id = e."callId" and t.seq = e.seq
where t.call_id is null or t.epoch <> e.epoch or t.event_type <> e."eventType"`;

const TIMELINE = `
select format('%s %s %s %s %s %s -> %s', seq, to_char(at at time zone 'utc', 'HH24:MI:SS.MS'), epoch, actor_path, event_type, event, to_state) as line
from call_transitions where call_id = $1 order by seq`;

const STATEMENT_MS = 20_000;
const PAGE = 5_000;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const openEvidence = ({ system }: ChaosSystem): Evidence => {
  const runner = createStatementRunner({
    url: system.addresses.databaseUrl,
    poolSize: 2,
    timeoutMs: STATEMENT_MS,
    log: silent,
  });

  return {
    calls: (sipCallIds) => runner.run<CallEvidence>(CALLS, [JSON.stringify(sipCallIds)]),
    findCallId: async (sipCallId) => (await runner.run<{ callId: string }>(FIND, [sipCallId]))[0]?.callId ?? null,
    unsettled: async (sipCallIds) => {
      const [row] = await runner.run<{ count: number }>(UNSETTLED, [JSON.stringify(sipCallIds)]);
      return row?.count ?? 0;
    },
    open: async () => (await runner.run<{ sipCallId: string }>(OPEN, [])).map(({ sipCallId }) => sipCallId),
    timeline: async (callId) => {
      const rows = await runner.run<{ line: string }>(TIMELINE, [callId]);
      return rows.map(({ line }) => line);
    },
    missing: async (traced) => {
      const missing: TracedTransition[] = [];
      for (let at = 0; at < traced.length; at += PAGE) {
        const page = traced.slice(at, at + PAGE);
        missing.push(...(await runner.run<TracedTransition>(MISSING, [JSON.stringify(page)])));
      }
      return missing;
    },
    close: () => runner.close(),
  };
};
