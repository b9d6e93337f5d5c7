/** List, detail and hang-up of calls. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static } from 'typebox';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallQuery } from '#domain/records.ts';
import type { OwnerScope } from '#domain/user.ts';
import { showDetail, showSummary } from './call.views.ts';
import { decodeCallCursor, encodeCallCursor } from './cursor.ts';
import type { CallControl, CallRecords } from './ports.ts';
import { callNotFound, Problem } from './problem.ts';
import { CallDetail, CallListQuery, CallPage, HangupAccepted } from './schemas/call.schema.ts';
import { CallParams, problems } from './schemas/common.schema.ts';

type Options = { calls: CallControl; liveCalls: LiveCallsStore; records: CallRecords };

const timeOf = (text: string | undefined) => (text === undefined ? null : new Date(text));

// A `+` in a query that was not escaped arrives as a space.
const numberOf = (text: string | undefined) => text?.replace(/^ /, '+') ?? null;

const queryOf = (given: Static<typeof CallListQuery>, scope: OwnerScope): CallQuery => ({
  scope,
  status: given.status ?? null,
  direction: given.direction ?? null,
  number: numberOf(given.number),
  startedFrom: timeOf(given.startedFrom),
  startedBefore: timeOf(given.startedBefore),
  after: given.cursor === undefined ? null : decodeCallCursor(given.cursor),
  limit: given.limit,
});

export const callsRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { calls, liveCalls, records }) => {
  app.get(
    '/calls',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listCalls',
        tags: ['calls'],
        summary: 'Calls, newest first',
        description:
          'Paged by `limit` and `cursor`: pass `nextCursor` of one page as `cursor` of the next, with the same filters. ' +
          'Pages neither repeat nor skip calls when new ones come in meanwhile. Unknown parameters are refused.',
        querystring: CallListQuery,
        response: { 200: CallPage, ...problems(401, 422, 503) },
      },
    },
    async ({ query, scope }) => {
      const asked = queryOf(query, scope);
      // One more than shown tells whether there is a next page.
      const found = await records.list({ ...asked, limit: asked.limit + 1 });
      const shown = found.slice(0, asked.limit);
      const last = found.length > asked.limit ? shown.at(-1) : undefined;
      return {
        calls: shown.map((record) => showSummary(record, calls.find(record.callId))),
        nextCursor: last ? encodeCallCursor(last) : null,
      };
    },
  );

  app.get(
    '/calls/:callId',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getCall',
        tags: ['calls'],
        summary: 'One call',
        description: 'The row, with the live view while the call is live, and its resource ledger for a minute after.',
        params: CallParams,
        response: { 200: CallDetail, ...problems(401, 403, 404, 503) },
      },
    },
    async ({ params: { callId } }) => {
      const [record, recording] = await Promise.all([records.find(callId), records.recording(callId)]);
      const detail = showDetail({
        record,
        recording,
        live: calls.find(callId),
        ended: liveCalls.findEnded(callId),
      });
      if (!detail) throw callNotFound();
      return detail;
    },
  );

  app.post(
    '/calls/:callId/hangup',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'hangUpCall',
        tags: ['calls'],
        summary: 'End a live call',
        description: 'Accepted also when the call is ending already. No body is needed.',
        params: CallParams,
        response: { 202: HangupAccepted, ...problems(401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { callId } }, reply) => {
      const live = calls.find(callId);
      if (live && calls.hangUp(callId)) return reply.code(202).send({ callId, state: live.state });
      const isKnown = liveCalls.findEnded(callId) !== undefined || (await records.find(callId)) !== null;
      throw isKnown ? new Problem(409, 'call_over', 'The call is over already.') : callNotFound();
    },
  );
};
