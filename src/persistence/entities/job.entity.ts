/** `jobs`: what follows calls, as the user sees it; also the outbox from which it is given to the job runner. */
import { defineEntity, p } from '@mikro-orm/core';
import { JOB_KINDS, JOB_STATES, type JobInput, type JobKind, type JobState } from '#domain/job.ts';
import type { Json } from '#domain/serialise-event.ts';

const oneOf = (column: string, values: readonly string[]) =>
  `${column} in (${values.map((value) => `'${value}'`).join(', ')})`;

export const JobRow = defineEntity({
  name: 'JobRow',
  tableName: 'jobs',
  indexes: [
    { name: 'jobs_created_index', properties: ['createdAt', 'id'] },
    { name: 'jobs_call_index', properties: ['callId'] },
    { name: 'jobs_outbox_index', properties: ['createdAt'], where: 'dispatched_at is null' },
  ],
  uniques: [
    {
      name: 'jobs_open_unique',
      properties: ['kind', 'callId'],
      where: `state in ('queued', 'running', 'retrying')`,
    },
  ],
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    kind: p.text().$type<JobKind>().check(oneOf('kind', JOB_KINDS)),
    callId: p.text(),
    state: p.text().$type<JobState>().check(oneOf('state', JOB_STATES)).default('queued'),
    attempts: p.integer().default(0),
    input: p.json().$type<JobInput>().defaultRaw(`'{}'`),
    result: p.json().$type<Json>().nullable(),
    failureCode: p.text().nullable(),
    failureMessage: p.text().nullable(),
    requestedById: p.integer().nullable(),
    /** Null: not yet given to the job runner. */
    dispatchedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
    startedAt: p.datetime(3).nullable(),
    finishedAt: p.datetime(3).nullable(),
  },
});

/** `call_endings`: calls whose end is committed and whose jobs are not planned yet. Written by a trigger of `call_snapshots`. */
export const CallEnding = defineEntity({
  name: 'CallEnding',
  tableName: 'call_endings',
  properties: {
    callId: p.text().primary(),
    endedAt: p.datetime(3).defaultRaw('now()'),
  },
});
