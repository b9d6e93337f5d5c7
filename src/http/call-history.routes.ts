/** What happened in a call: its transitions and what was said. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallId } from '#domain/call.ts';
import { showTransition } from './call.views.ts';
import { decodeSeqCursor, encodeSeqCursor } from './cursor.ts';
import type { CallControl, CallRecords } from './ports.ts';
import { callNotFound } from './problem.ts';
import { TimelinePage, TimelineQuery, Transcript } from './schemas/call.schema.ts';
import { CallParams, problems } from './schemas/common.schema.ts';

type Options = { calls: CallControl; liveCalls: LiveCallsStore; records: CallRecords };

export const callHistoryRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { calls, liveCalls, records }) => {
  /** Only asked when there is nothing to show, so that the common case is one query. */
  const requireCall = async (callId: CallId) => {
    const isRemembered = calls.find(callId) !== undefined || liveCalls.findEnded(callId) !== undefined;
    if (!isRemembered && (await records.find(callId)) === null) throw callNotFound();
  };

  app.get(
    '/calls/:callId/timeline',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getTimeline',
        tags: ['calls'],
        summary: 'Every transition of the call and of its child machines, in order',
        description: 'Paged by `limit` and `cursor`. While the call is live the last page grows.',
        params: CallParams,
        querystring: TimelineQuery,
        response: { 200: TimelinePage, ...problems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params: { callId }, query: { cursor, limit } }) => {
      const afterSeq = cursor === undefined ? null : decodeSeqCursor(cursor);
      const found = await records.timeline(callId, { afterSeq, limit: limit + 1 });
      if (found.length === 0) await requireCall(callId);
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        callId,
        transitions: shown.map(showTransition),
        nextCursor: last ? encodeSeqCursor(last.seq) : null,
      };
    },
  );

  app.get(
    '/calls/:callId/transcript',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getTranscript',
        tags: ['calls'],
        summary: 'What was said so far',
        params: CallParams,
        response: { 200: Transcript, ...problems(401, 403, 404, 503) },
      },
    },
    async ({ params: { callId } }) => {
      const segments = await records.transcript(callId);
      if (segments.length === 0) await requireCall(callId);
      return { callId, complete: calls.find(callId) === undefined, segments: [...segments] };
    },
  );
};
