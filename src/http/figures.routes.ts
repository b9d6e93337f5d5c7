/** Sums over calls, and what the model costs in one. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Figures } from '#domain/figures.ts';
import { costOf, type ModelPrices } from '#domain/model-cost.ts';
import { Problem } from './problem.ts';
import { CallParams, problems } from './schemas/common.schema.ts';
import { CallCost, FiguresQuery, FiguresView } from './schemas/figures.schema.ts';

export type FiguresPorts = { figures: Figures; prices: ModelPrices & { asOf: string } };
type Options = FiguresPorts & { now: () => number };

const DAY_MS = 86_400_000;
const MOST_DAYS = { hour: 7, day: 92 } as const;

export const figuresRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { figures, prices, now }) => {
  app.get(
    '/figures',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listFigures',
        tags: ['calls'],
        summary: 'Calls, waits, dead air and costs, by hour or day',
        description:
          'Of the calls that the viewer may see. Waits and dead air are measured in the transcripts; costs are counted ' +
          'from the tokens that the model reports with each turn. At most a week by hours, 92 days by days.',
        querystring: FiguresQuery,
        response: { 200: FiguresView, ...problems(400, 401, 422, 503) },
      },
    },
    async ({ query: { from: fromText, before: beforeText, step }, scope }) => {
      const from = new Date(fromText);
      const before = beforeText === undefined ? new Date(now()) : new Date(beforeText);
      // Also not of a time that is none, such as a leap second.
      if (!(before.getTime() - from.getTime() <= MOST_DAYS[step] * DAY_MS)) {
        throw new Problem(400, 'span_too_long', `Ask for at most ${MOST_DAYS[step]} days by ${step}s.`);
      }
      const steps = await figures.list({ scope, from, before, step });
      return {
        prices,
        steps: steps.map((sums) => ({ ...sums, at: sums.at.toISOString(), cost: costOf(sums, prices) })),
      };
    },
  );
};

/** Of one call: registered where calls of others are refused. */
export const callCostRoutes: FastifyPluginAsyncTypebox<FiguresPorts> = async (app, { figures, prices }) => {
  app.get(
    '/calls/:callId/cost',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getCallCost',
        tags: ['calls'],
        summary: 'What the model costs in a call',
        description:
          'So far, while the call is live. Zero for a call that the model has not talked in, or that is unknown.',
        params: CallParams,
        response: { 200: CallCost, ...problems(401, 403, 404, 503) },
      },
    },
    async ({ params: { callId } }) => {
      const tokens = await figures.tokensOf(callId);
      return { prices, ...tokens, cost: costOf(tokens, prices) };
    },
  );
};
