/** Jobs of calls: list and detail. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CallId } from '#domain/call.ts';
import type { JobRecord } from '#domain/job.ts';
import { canSee } from '#domain/user.ts';
import { decodeJobCursor, encodeJobCursor } from './cursor.ts';
import type { JobStore } from './job.ports.ts';
import { Problem } from './problem.ts';
import { problems } from './schemas/common.schema.ts';
import { JobListQuery, JobPage, JobParams, JobView } from './schemas/job.schema.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const notFound = () => new Problem(404, 'job_not_found', 'No job has this id.');

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = ({ input: _, result, createdAt, startedAt, finishedAt, ...job }: JobRecord) => ({
  ...job,
  result: isFields(result) ? result : null,
  createdAt: createdAt.toISOString(),
  startedAt: startedAt?.toISOString() ?? null,
  finishedAt: finishedAt?.toISOString() ?? null,
});

const config = { who: 'user' } as const;
const tags = ['jobs'];

export const jobsRoutes: FastifyPluginAsyncTypebox<{ jobs: JobStore }> = async (app, { jobs }) => {
  app.get(
    '/jobs',
    {
      config,
      schema: {
        operationId: 'listJobs',
        tags,
        summary: 'Jobs of calls that the caller may see, newest first',
        description: 'Paged by `limit` and `cursor`, as calls are.',
        querystring: JobListQuery,
        response: { 200: JobPage, ...problems(401, 403, 422, 503) },
      },
    },
    async ({ query, scope }) => {
      const found = await jobs.list(scope, {
        kind: query.kind ?? null,
        state: query.state ?? null,
        callId: (query.callId ?? null) as CallId | null,
        before: query.cursor === undefined ? null : decodeJobCursor(query.cursor),
        limit: query.limit + 1,
      });
      const shown = found.slice(0, query.limit);
      const last = found.length > query.limit ? shown.at(-1) : undefined;
      return {
        jobs: shown.map(show),
        nextCursor: last ? encodeJobCursor(last) : null,
      };
    },
  );

  app.get(
    '/jobs/:jobId',
    {
      config,
      schema: {
        operationId: 'getJob',
        tags,
        summary: 'One job',
        params: JobParams,
        response: { 200: JobView, ...problems(401, 403, 404, 503) },
      },
    },
    async ({ params: { jobId }, scope }) => {
      const found = UUID.test(jobId) ? await jobs.find(jobId) : null;
      if (!found) throw notFound();
      if (!canSee(scope, found.ownerId)) {
        throw new Problem(403, 'job_not_yours', 'This job is about a call that belongs to somebody else.');
      }
      return show(found.job);
    },
  );
};
