/** Keeps the jobs of calls: their record for the user, and the outbox from which they are run. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { JobFailure, JobKind, JobQuery, JobRecord, JobRequest } from '#domain/job.ts';
import type { OwnerScope } from '#domain/user.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { toSafeJson } from './journal-batch.ts';

/** All methods reject with `DatabaseError`. */
export type JobsRepository = {
  /** Queues it, unless one of the kind is open for the call: then that one. */
  request(request: JobRequest): Promise<{ job: JobRecord; isNew: boolean }>;
  /** Jobs not yet given to the runner, oldest first. */
  undispatched(limit: number): Promise<readonly { id: string; kind: JobKind }[]>;
  dispatched(ids: readonly string[]): Promise<void>;
  /** An attempt begins. Null when the job is over or gone. */
  began(id: string, attempt: number): Promise<JobRecord | null>;
  /** The attempt failed, another follows. */
  retrying(id: string, failure: JobFailure): Promise<void>;
  failed(id: string, failure: JobFailure): Promise<void>;
  list(scope: OwnerScope, query: JobQuery): Promise<readonly JobRecord[]>;
  find(id: string): Promise<{ job: JobRecord; ownerId: number | null } | null>;
};

const COLUMNS = `j.id, j.kind, j.call_id as "callId", j.state, j.attempts, j.input, j.result,
  j.failure_code as "failureCode", j.failure_message as "failureMessage", j.requested_by_id as "requestedById",
  j.created_at as "createdAt", j.started_at as "startedAt", j.finished_at as "finishedAt"`;

const OPEN = `('queued', 'running', 'retrying')`;

type Row = Omit<JobRecord, 'failure' | 'createdAt' | 'startedAt' | 'finishedAt'> & {
  failureCode: string | null;
  failureMessage: string | null;
  createdAt: Date | string;
  startedAt: Date | string | null;
  finishedAt: Date | string | null;
};

const timeOf = (value: Date | string | null) => (value === null ? null : new Date(value));

const toJob = ({ failureCode, failureMessage, createdAt, startedAt, finishedAt, ...row }: Row): JobRecord => ({
  id: row.id,
  kind: row.kind,
  callId: row.callId,
  state: row.state,
  attempts: row.attempts,
  input: row.input,
  result: row.result,
  requestedById: row.requestedById,
  failure: failureCode === null ? null : { code: failureCode, message: failureMessage ?? '' },
  createdAt: new Date(createdAt),
  startedAt: timeOf(startedAt),
  finishedAt: timeOf(finishedAt),
});

const REQUEST = `
with wanted as (
  select * from jsonb_to_recordset(?::jsonb) as w(kind text, "callId" text, input jsonb, "requestedById" int)
), added as (
  insert into jobs (kind, call_id, input, requested_by_id)
  select kind, "callId", coalesce(input, '{}'), "requestedById" from wanted
  on conflict (kind, call_id) where state in ${OPEN} do nothing
  returning *
), shown as (
  update call_sessions c set transcript_status = 'pending', updated_at = now()
  from added a where a.kind = 'transcribe' and c.session_id = a.call_id
)
select ${COLUMNS} from added j`;

const OPEN_JOB = `select ${COLUMNS} from jobs j where kind = ? and call_id = ? and state in ${OPEN}`;

/** Within a transaction of the caller's; jobs of which one is open already are left out. */
export const queueJobs = async (em: EntityManager, requests: readonly JobRequest[]): Promise<JobRecord[]> => {
  if (requests.length === 0) return [];
  const rows = await em.execute<Row[]>(REQUEST, [toSafeJson(requests)]);
  return rows.map(toJob);
};

const UNDISPATCHED = `
select id, kind from jobs where dispatched_at is null and state in ${OPEN} order by created_at limit ?`;

const DISPATCHED = `
update jobs set dispatched_at = now() where id in (select jsonb_array_elements_text(?::jsonb)::uuid)`;

const BEGAN = `
with j as (
  update jobs set state = 'running', attempts = ?, started_at = coalesce(started_at, now())
  where id = ?::uuid and state in ${OPEN}
  returning *
), shown as (
  update call_sessions c set transcript_status = 'processing', updated_at = now()
  from j where j.kind = 'transcribe' and c.session_id = j.call_id
)
select ${COLUMNS} from j`;

const RETRYING = `
update jobs set state = 'retrying', failure_code = ?, failure_message = ? where id = ?::uuid and state in ${OPEN}`;

const FAILED = `
with j as (
  update jobs set state = 'failed', failure_code = ?, failure_message = ?, finished_at = now()
  where id = ?::uuid and state in ${OPEN}
  returning *
)
update call_sessions c set transcript_status = 'failed', updated_at = now()
from j where j.kind = 'transcribe' and c.session_id = j.call_id`;

const LIST = `
select ${COLUMNS} from jobs j left join call_sessions c on c.session_id = j.call_id
where (?::jsonb is null or c.owner_id in (select jsonb_array_elements_text(?::jsonb)::int))
  and (?::text is null or j.kind = ?) and (?::text is null or j.state = ?) and (?::text is null or j.call_id = ?)
  and (?::timestamptz is null or (j.created_at, j.id) < (?::timestamptz, ?::uuid))
order by j.created_at desc, j.id desc limit ?`;

const FIND = `
select ${COLUMNS}, c.owner_id as "ownerId" from jobs j left join call_sessions c on c.session_id = j.call_id
where j.id = ?::uuid`;

const twice = <T>(value: T): [T, T] => [value, value];

const listParameters = (scope: OwnerScope, { kind, state, callId, before, limit }: JobQuery) => [
  ...twice(scope.kind === 'everyone' ? null : JSON.stringify(scope.ids)),
  ...[...twice(kind), ...twice(state), ...twice(callId)],
  ...[...twice(before?.createdAt.toISOString() ?? null), before?.id ?? null, limit],
];

export const createJobsRepository = (database: DatabaseAccess): JobsRepository => {
  const run = <T>(sql: string, parameters: readonly unknown[]) =>
    guarded(database, (em) => em.execute<T[]>(sql, [...parameters]));

  return {
    request: (request) =>
      guarded(database, async (em) => {
        const [added] = await queueJobs(em, [request]);
        if (added) return { job: added, isNew: true };
        const [open] = await em.execute<Row[]>(OPEN_JOB, [request.kind, request.callId]);
        if (open) return { job: toJob(open), isNew: false };
        // It ended in between.
        const [second] = await queueJobs(em, [request]);
        if (!second) throw new Error('A job could neither be queued nor found.');
        return { job: second, isNew: true };
      }),
    undispatched: (limit) => run<{ id: string; kind: JobKind }>(UNDISPATCHED, [limit]),
    dispatched: async (ids) => {
      if (ids.length > 0) await run(DISPATCHED, [JSON.stringify(ids)]);
    },
    began: async (id, attempt) => {
      const [row] = await run<Row>(BEGAN, [attempt, id]);
      return row ? toJob(row) : null;
    },
    retrying: async (id, { code, message }) => {
      await run(RETRYING, [cleanText(code), cleanText(message), id]);
    },
    failed: async (id, { code, message }) => {
      await run(FAILED, [cleanText(code), cleanText(message), id]);
    },
    list: async (scope, query) => (await run<Row>(LIST, listParameters(scope, query))).map(toJob),
    find: async (id) => {
      const [row] = await run<Row & { ownerId: number | null }>(FIND, [id]);
      return row ? { job: toJob(row), ownerId: row.ownerId } : null;
    },
  };
};
