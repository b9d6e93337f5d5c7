/** The one statement that writes a batch: rows, snapshots and transitions of many calls, each fenced by its epoch. */
import type { CallId } from '#domain/call.ts';
import type { Adoption } from './spool-format.ts';
import { type Batch, type CallPart, type PartResult, toSafeJson } from './journal-batch.ts';

const CALL_COLUMNS = [
  ['direction', 'text'],
  ['status', 'text'],
  ['caller_id', 'text'],
  ['called_number', 'text'],
  ['sip_call_id', 'text'],
  ['started_at', 'timestamptz'],
  ['answered_at', 'timestamptz'],
  ['ended_at', 'timestamptz'],
  ['cause', 'text'],
  ['cause_detail', 'text'],
  ['answered_by', 'text'],
  ['outcome', 'jsonb'],
  ['recording_path', 'text'],
] as const;

/** Of a new row only. */
const FIRST_COLUMNS = [
  ...CALL_COLUMNS,
  ['owner_id', 'int'],
  ['lead_id', 'int'],
  ['campaign_id', 'int'],
  ['call_metadata', 'jsonb'],
  ['transcript_language', 'text'],
] as const;

const TRANSITION_COLUMNS = [
  ['call_id', 'text'],
  ['seq', 'int'],
  ['at', 'timestamptz'],
  ['epoch', 'int'],
  ['machine', 'text'],
  ['machine_version', 'int'],
  ['actor_path', 'text'],
  ['incarnation', 'int'],
  ['event_type', 'text'],
  ['event', 'jsonb'],
  ['from_state', 'text'],
  ['to_state', 'text'],
  ['ignored', 'boolean'],
] as const;

type Columns = readonly (readonly [string, string])[];

const names = (columns: Columns, prefix = '') => columns.map(([name]) => `${prefix}${name}`).join(', ');
const definitions = (columns: Columns) => columns.map(([name, type]) => `${name} ${type}`).join(', ');

const BATCH = `batch as materialized (
  select * from jsonb_to_recordset($1::jsonb) as b(
    call_id text, is_new boolean, epoch int, seq int, node_id text, machine_version int, state text,
    context jsonb, call jsonb)
)`;

/** The limit keeps this an index look-up for each call, whatever the planner believes of the table. */
const BEFORE = `before as materialized (
  select s.* from batch b, lateral (
    select call_id, epoch, seq, node_id from call_snapshots where call_id = b.call_id limit 1
  ) s
)`;

const OWN = `own as (
  update call_snapshots s
  set seq = b.seq, machine_version = b.machine_version, state = b.state,
      context = coalesce(b.context, s.context), updated_at = clock_timestamp()
  from batch b
  where s.call_id = b.call_id and not b.is_new and s.epoch = b.epoch and s.node_id = b.node_id and s.seq < b.seq
  returning s.call_id
)`;

const CALLS = `calls as materialized (
  select b.call_id as session_id, b.is_new, c.*
  from batch b, jsonb_to_record(b.call) as c(${definitions(FIRST_COLUMNS)})
  where b.call is not null
)`;

const CREATED = `sessions as (
  insert into call_sessions (session_id, ${names(FIRST_COLUMNS)})
  select session_id, ${names(FIRST_COLUMNS)} from calls where is_new
  on conflict (session_id) do nothing
), created as (
  insert into call_snapshots (call_id, seq, epoch, node_id, machine_version, state, context, updated_at)
  select call_id, seq, epoch, node_id, machine_version, state, coalesce(context, '{}'), clock_timestamp()
  from batch where is_new
  on conflict (call_id) do nothing
  returning call_id
)`;

/** A call that is placed counts with its lead in the very statement that writes its row: once, whatever happens. */
const COUNTED = `counted as (
  update leads l
  set call_count = l.call_count + 1, last_called_at = greatest(l.last_called_at, c.started_at)
  from calls c join created n on n.call_id = c.session_id
  where c.is_new and c.direction = 'outbound' and l.id = c.lead_id
)`;

const MINE = 'mine as materialized (select call_id from own)';
const MINE_WITH_CREATED = 'mine as materialized (select call_id from own union all select call_id from created)';

const CHANGED = `changed as (
  update call_sessions t
  set (${names(CALL_COLUMNS)}, updated_at) = (${names(CALL_COLUMNS, 'c.')}, now())
  from calls c join mine m on m.call_id = c.session_id
  where t.session_id = c.session_id and not c.is_new
)`;

const WRITTEN_PARTS = `written as (
  insert into call_transitions (${names(TRANSITION_COLUMNS)})
  select ${names(TRANSITION_COLUMNS, 't.')}
  from jsonb_to_recordset($2::jsonb) as t(${definitions(TRANSITION_COLUMNS)})
  join mine m on m.call_id = t.call_id`;
const WRITTEN = `${WRITTEN_PARTS}
)`;
/** A replay cut off in the middle is repeated from its beginning, in other groups than before. */
const WRITTEN_AGAIN = `${WRITTEN_PARTS}
  on conflict (call_id, seq) do nothing
)`;

/** Two may have raised the same epoch, one of them without Postgres: here the other's counts as newer. */
const ANSWER = `
select b.call_id as "callId", m.call_id is not null as owned, f.seq as "storedSeq",
  case when f.node_id = b.node_id then f.epoch else greatest(f.epoch, b.epoch + 1) end as "storedEpoch"
from batch b left join mine m on m.call_id = b.call_id left join before f on f.call_id = b.call_id`;

const compose = (...parts: string[]) => `with ${parts.join(', ')}${ANSWER}`;

/**
 * Several forms, because half the time of a small batch goes into planning what it does not need.
 * The sub-statements see the database as before the statement, so `call_sessions` of a call created here is not
 * updated by `changed`, and `before` shows what a call that is missing from `mine` was found as.
 */
const TRANSITIONS_ONLY = compose(BATCH, BEFORE, OWN, MINE, WRITTEN);
const WITH_ROWS = compose(BATCH, BEFORE, OWN, CALLS, MINE, CHANGED, WRITTEN);
const WITH_NEW_CALLS = compose(BATCH, BEFORE, OWN, CALLS, CREATED, MINE_WITH_CREATED, CHANGED, WRITTEN);
const WITH_CALLS_OF_LEADS = compose(BATCH, BEFORE, OWN, CALLS, CREATED, COUNTED, MINE_WITH_CREATED, CHANGED, WRITTEN);
const REPLAYED = compose(BATCH, BEFORE, OWN, CALLS, MINE, CHANGED, WRITTEN_AGAIN);

const isOutboundToLead = ({ row }: CallPart): boolean =>
  row !== null && row.startsWith('{"direction":"outbound"') && /"lead_id":\d/.test(row);

const statementFor = (batch: Batch): string => {
  const created = batch.filter(({ isNew }) => isNew);
  if (created.some(isOutboundToLead)) return WITH_CALLS_OF_LEADS;
  if (created.length > 0) return WITH_NEW_CALLS;
  return batch.some(({ row }) => row !== null) ? WITH_ROWS : TRANSITIONS_ONLY;
};

/** Runs one SQL statement with `$1` placeholders. Rejects with `DatabaseError`. */
export type RunStatement = <Row>(sql: string, parameters: readonly unknown[]) => Promise<Row[]>;

/** Context and row are JSON already: joined by hand, so that they are not escaped a second time. */
const partJson = (part: CallPart): string =>
  `{"call_id":${toSafeJson(part.callId)},"is_new":${part.isNew},"epoch":${part.epoch},"seq":${part.seq},` +
  `"node_id":${toSafeJson(part.nodeId)},"machine_version":${part.machineVersion},"state":${toSafeJson(part.state)},` +
  `"context":${part.context ?? 'null'},"call":${part.row ?? 'null'}}`;

export type WriteBatch = (run: RunStatement, batch: Batch) => Promise<Map<string, PartResult>>;

/** Write a batch, all or nothing. The same batch may be sent any number of times. At most one part for each call. */
export const writeBatch: WriteBatch = (run, batch) => send(run, statementFor(batch), batch);

/** The same for parts of calls whose row exists, of which some entries may have been written already. */
export const replayBatch: WriteBatch = (run, batch) => send(run, REPLAYED, batch);

const send = async (run: RunStatement, statement: string, batch: Batch): Promise<Map<string, PartResult>> => {
  const calls = `[${batch.map(partJson).join(',')}]`;
  const transitions = `[${batch.flatMap((part) => part.entries.map(({ json }) => json)).join(',')}]`;
  const rows = await run<PartResult>(statement, [calls, transitions]);
  return new Map(rows.map((row) => [row.callId, row]));
};

const ADOPT = `
with adoption as (
  select * from jsonb_to_recordset($2::jsonb) as a("callId" text, "nodeId" text, "from" int, "to" int)
), adopted as (
  update call_snapshots s set epoch = a."to", node_id = $1
  from adoption a
  where s.call_id = a."callId"
    and ((s.epoch = a."from" and s.node_id = a."nodeId") or (s.epoch = a."to" and s.node_id = $1))
  returning s.call_id
)
select a."callId" from adoption a where a."callId" not in (select call_id from adopted)`;

/** Raise the epochs of calls that were taken over from the spool; repeatable. Returns those that belong to others by now. */
export const adoptCalls = async (run: RunStatement, nodeId: string, calls: readonly Adoption[]): Promise<CallId[]> => {
  const rows = await run<{ callId: CallId }>(ADOPT, [nodeId, JSON.stringify(calls)]);
  return rows.map(({ callId }) => callId);
};
