/** What the database and the model server tell of the calls, asked from outside of the application. */
import { createStatementRunner } from '#persistence/statement-runner.ts';
import type { ChaosSystem } from './chaos-system.ts';
import type { TracedTransition } from './trace-line.ts';
import { shareOfTone } from './watermark.ts';

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
  recordings: { state: string; startedAt: number | null; durationMs: number | null }[];
  segments: { speaker: string; text: string; startMs: number; endMs: number }[];
};

export type Evidence = {
  calls(): Promise<CallEvidence[]>;
  /** A line for each transition of a call. */
  timeline(callId: string): Promise<string[]>;
  /** Those of the traced transitions that are not in the database as they were traced. */
  missing(traced: readonly TracedTransition[]): Promise<TracedTransition[]>;
  /** Ids of the calls whose model hears this caller's tone now. */
  heardByModel(calls: readonly { callId: string; callerHz: number }[]): Promise<Set<string>>;
  close(): Promise<void>;
};

const CALLS = `
select s.session_id as "callId", s.sip_call_id as "sipCallId", s.status, s.cause,
  extract(epoch from s.ended_at)::float8 * 1000 as "endedAt", p.epoch, p.state,
  coalesce(t.count, 0) as count, coalesce(t.last, 0) as "lastSeq", coalesce(t.greetings, 0) as greetings,
  coalesce((select jsonb_agg(jsonb_build_object('state', r.state, 'durationMs', r.duration_ms,
    'startedAt', extract(epoch from r.started_at)::float8 * 1000)) from recordings r where r.call_id = s.session_id), '[]') as recordings,
  coalesce((select jsonb_agg(jsonb_build_object('speaker', g.speaker, 'text', g.text, 'startMs', g.start_ms, 'endMs', g.end_ms)
    order by g.index) from transcript_segments g where g.call_id = s.session_id), '[]') as segments
from call_sessions s
left join call_snapshots p on p.call_id = s.session_id
left join (
  select call_id, count(*)::int as count, max(seq) as last,
    count(*) filter (where actor_path = 'call' and event_type = 'session.greeted')::int as greetings
  from call_transitions group by 1
) t on t.call_id = s.session_id`;

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
const MODEL_HZ = 16_000;
const HEARD_SHARE = 0.4;
const HEARD_SAMPLES = MODEL_HZ / 2;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type Session = { id: string; state: string; setup: unknown };

export const openEvidence = ({ system }: ChaosSystem): Evidence => {
  const runner = createStatementRunner({
    url: system.addresses.databaseUrl,
    poolSize: 2,
    timeoutMs: STATEMENT_MS,
    log: silent,
  });
  const control = `${system.addresses.rehearsal}/control`;

  const hears = async (session: Session, callerHz: number): Promise<boolean> => {
    const bytes = await (await fetch(`${control}/sessions/${session.id}/audio`)).arrayBuffer();
    const pcm = new Int16Array(bytes.slice(0, bytes.byteLength & ~1)).slice(-HEARD_SAMPLES);
    return shareOfTone(pcm, callerHz, MODEL_HZ) > HEARD_SHARE;
  };

  return {
    calls: () => runner.run<CallEvidence>(CALLS, []),
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
    heardByModel: async (calls) => {
      const answer = (await (await fetch(`${control}/sessions`)).json()) as { sessions: Session[] };
      const live = answer.sessions.filter(({ state }) => state === 'live');
      const heard = new Set<string>();
      for (const { callId, callerHz } of calls) {
        const session = live.find(({ setup }) => JSON.stringify(setup).includes(callId));
        if (session && (await hears(session, callerHz))) heard.add(callId);
      }
      return heard;
    },
    close: () => runner.close(),
  };
};
