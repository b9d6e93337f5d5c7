/** Gives the rows of calls that nobody runs any more their terminal status, as the facts say. */
import type { CallId, CallStatus } from '#domain/call.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type SettledCall = {
  callId: CallId;
  status: CallStatus;
  /** What it left of its recording: the file that was being written. */
  recording: { path: string; startedAt: Date } | null;
};

/** A live row and what its snapshot was when it was judged; null = it has none. */
export type Orphan = { callId: CallId; epoch: number | null; seq: number | null };

const LIVE = `('pending', 'dialing', 'ringing', 'in_call')`;

const ORPHANS = `
select c.session_id as "callId", s.epoch, s.seq
from call_sessions c left join call_snapshots s on s.call_id = c.session_id
where c.status in ${LIVE} and (s.call_id is null or s.state = 'ended' or s.node_id = ?)`;

/** Rows with a live status that have no live snapshot, or one that is `nodeId`'s. */
export const findOrphans = (database: DatabaseAccess, nodeId: string): Promise<Orphan[]> =>
  guarded(database, (em) => em.execute<Orphan[]>(ORPHANS, [nodeId]));

const OWNED = `
select call_id as "callId", epoch, seq from call_snapshots where node_id = ? and call_id in (select jsonb_array_elements_text(?::jsonb))`;

export const findOwned = (database: DatabaseAccess, nodeId: string, callIds: readonly CallId[]): Promise<Orphan[]> =>
  guarded(database, (em) => em.execute<Orphan[]>(OWNED, [nodeId, JSON.stringify(callIds)]));

/**
 * Snapshots before rows, the order in which the journal locks them. Whoever has written since is alive: its call is
 * left alone. The raised epoch fences a process that still believes in the call.
 */
const SETTLE = `
with orphan as (
  select * from jsonb_to_recordset(?::jsonb) as o("callId" text, epoch int, seq int)
), fenced as (
  update call_snapshots s set epoch = s.epoch + 1, state = 'ended'
  from orphan o where s.call_id = o."callId" and s.epoch = o.epoch and s.seq = o.seq
  returning s.call_id, s.updated_at
), over as (
  select o."callId", coalesce(
    (select max(t.at) from call_transitions t where t.call_id = o."callId"), f.updated_at
  ) as at
  from orphan o left join fenced f on f.call_id = o."callId"
  where f.call_id is not null
    or (o.epoch is null and not exists (select from call_snapshots s where s.call_id = o."callId"))
), settled as (
  update call_sessions c
  set status = case when c.answered_at is null then 'failed' else 'answered' end,
      ended_at = greatest(c.started_at, c.answered_at, coalesce(over.at, c.updated_at)),
      cause = coalesce(c.cause, 'fault'), cause_detail = coalesce(c.cause_detail, ?), updated_at = now()
  from over where c.session_id = over."callId" and c.status in ${LIVE}
  returning c.session_id, c.status
), closed as (
  update recordings r
  set state = 'failed', failure_code = 'interrupted', failure_message = 'The process that recorded ended.', updated_at = now()
  from settled c where r.call_id = c.session_id and r.state in ('writing', 'finalising', 'repairing')
  returning r.call_id, r.path, r.started_at
)
select c.session_id as "callId", c.status, r.path, extract(epoch from r.started_at)::float8 * 1000 as "startedAt"
from settled c left join closed r on r.call_id = c.session_id`;

type SettledRow = { callId: CallId; status: CallStatus; path: string | null; startedAt: number | null };

/** Answered if it was, else failed; `ended_at` is the time of its last transition. `detail` is for the operator. */
export const settle = async (
  database: DatabaseAccess,
  orphans: readonly Orphan[],
  detail: string,
): Promise<SettledCall[]> => {
  if (orphans.length === 0) return [];
  const parameters = [JSON.stringify(orphans), cleanText(detail)];
  const rows = await guarded(database, (em) => em.execute<SettledRow[]>(SETTLE, parameters));
  return rows.map(({ callId, status, path, startedAt }) => ({
    callId,
    status,
    recording: path === null || startedAt === null ? null : { path, startedAt: new Date(startedAt) },
  }));
};
