/** The numbers that are not called. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { barredFor, barsFor, EVERYBODY, type BarredNumber } from '#domain/do-not-call.ts';
import type { OwnerScope } from '#domain/user.ts';
import { readNumber } from './crm/lead.views.ts';
import { notFound, pageTotals } from './crm/page.ts';
import { problems } from './schemas/common.schema.ts';
import {
  BarredNumberBody,
  BarredNumberList,
  BarredNumberParams,
  BarredNumberQuery,
  NewBarredNumber,
} from './schemas/do-not-call.schema.ts';

/** Methods reject as those of `CallRecords` do. */
export interface DoNotCallList {
  /** Newest first. */
  list(
    scope: OwnerScope,
    page: { limit: number; offset: number },
  ): Promise<{ total: number; numbers: readonly BarredNumber[] }>;
  add(e164: string, ownerId: number, reason: string | null): Promise<BarredNumber>;
  /** False: there was none. */
  remove(e164: string, ownerId: number): Promise<boolean>;
}

type Options = { doNotCall: DoNotCallList; defaultRegion: string | null };

const tags = ['campaigns'];

const show = ({ e164, ownerId, reason, createdAt }: BarredNumber) => ({
  ...{ number: e164, forEverybody: ownerId === EVERYBODY, reason, createdAt: createdAt.toISOString() },
});

export const doNotCallRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { doNotCall, defaultRegion }) => {
  const e164Of = (text: string) => readNumber(text, { defaultRegion }).e164;

  app.get(
    '/do-not-call',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listBarredNumbers',
        tags,
        summary: 'Numbers that campaigns do not call, newest first',
        querystring: BarredNumberQuery,
        response: { 200: BarredNumberList, ...problems(401, 403, 422, 503) },
      },
    },
    async ({ query, viewer, scope }) => {
      const page = { limit: query.per_page, offset: (query.page - 1) * query.per_page };
      const { total, numbers } = await doNotCall.list(barredFor(viewer, scope), page);
      return { numbers: numbers.map(show), ...pageTotals(query, total) };
    },
  );

  app.post(
    '/do-not-call',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'barNumber',
        tags,
        summary: 'Call a number no more',
        description:
          'For the tenant of the caller; of a superadmin for everybody. Campaigns obey from their next call on.',
        body: NewBarredNumber,
        response: { 201: BarredNumberBody, ...problems(400, 401, 403, 422, 503) },
      },
    },
    async ({ body: { number, reason = null }, viewer }, reply) =>
      reply.code(201).send(show(await doNotCall.add(e164Of(number), barsFor(viewer), reason))),
  );

  app.delete(
    '/do-not-call/:number',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'unbarNumber',
        tags,
        summary: 'A number may be called again',
        description: 'Takes back what the caller may bar. What a superadmin has barred for everybody stays.',
        params: BarredNumberParams,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params, viewer }, reply) => {
      if (!(await doNotCall.remove(e164Of(params.number), barsFor(viewer)))) throw notFound('Number');
      return reply.code(204).send(null);
    },
  );
};
