/** Time travel through a call: the state of each of its actors at any point, rebuilt from the journal. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CallId } from '#domain/call.ts';
import type { TransitionRecord } from '#domain/records.ts';
import type { CallRecords, ReplayCall } from './ports.ts';
import { callNotFound } from './problem.ts';
import { CallParams, problems } from './schemas/common.schema.ts';
import { Replay, ReplayQuery } from './schemas/replay.schema.ts';

type Options = { records: CallRecords; replay: ReplayCall };

const PAGE = 1_000;

/** The rows of the call up to a point; the journal is read in pages, so that a long call holds nothing up. */
const rowsUntil = async (
  records: CallRecords,
  callId: CallId,
  isAfter: (row: TransitionRecord) => boolean,
): Promise<TransitionRecord[]> => {
  const rows: TransitionRecord[] = [];
  for (;;) {
    const page = await records.timeline(callId, { afterSeq: rows.at(-1)?.seq ?? null, limit: PAGE });
    const end = page.findIndex(isAfter);
    rows.push(...(end < 0 ? page : page.slice(0, end)));
    if (end >= 0 || page.length < PAGE) return rows;
  }
};

export const replayRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { records, replay }) => {
  app.get(
    '/calls/:callId/replay',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'replayCall',
        tags: ['calls'],
        summary: 'The state of each actor of the call after a transition, or at a time',
        description:
          'Rebuilt from the journal with the present machines, without any effect; `seq` or `at` says up to where, without either to the end. `diverged` names the transitions for which a present machine would have gone another way.',
        params: CallParams,
        querystring: ReplayQuery,
        response: { 200: Replay, ...problems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params: { callId }, query: { seq, at } }) => {
      const until = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at);
      const rows = await rowsUntil(
        records,
        callId,
        (row) => row.seq > (seq ?? Number.POSITIVE_INFINITY) || row.at.getTime() > until,
      );
      const last = rows.at(-1);
      if (!last && (await records.find(callId)) === null) throw callNotFound();
      return {
        callId,
        seq: last?.seq ?? 0,
        at: last?.at.toISOString() ?? null,
        actors: (await replay(rows)).map((actor) => ({ ...actor, diverged: [...actor.diverged] })),
      };
    },
  );
};
