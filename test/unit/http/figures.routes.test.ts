import { describe, expect, it } from 'vitest';
import type { FigureQuery, StepFigures } from '#domain/figures.ts';
import { callId, createHttpFixture, NOON } from '../../fakes/http.ts';

const HOUR: StepFigures = {
  at: new Date(NOON),
  calls: 2,
  answered: 1,
  talkSeconds: 60,
  waits: { count: 1, p50Ms: 800, p95Ms: 1_200 },
  deadAirSeconds: 3,
  inputTokens: 100_000,
  outputTokens: 10_000,
};
const PRICES = { input: 3, output: 12, asOf: '2026-03' };

const start = () => {
  const asked: FigureQuery[] = [];
  const figures = {
    list: async (query: FigureQuery) => {
      asked.push(query);
      return [HOUR];
    },
    tokensOf: async () => ({ inputTokens: 1_000_000, outputTokens: 500 }),
  };
  return { asked, ...createHttpFixture({ accounting: { figures, prices: PRICES } }) };
};

describe('figures', () => {
  it('tell what calls come to, with the cost by the prices of the settings', async () => {
    const { get, asked } = start();
    const answer = await get('/api/v1/figures?from=2026-11-19T12:00:00Z');
    expect(answer.json()).toEqual({ prices: PRICES, steps: [{ ...HOUR, at: '2026-11-20T12:00:00.000Z', cost: 0.42 }] });
    expect(asked).toEqual([
      { scope: { kind: 'everyone' }, from: new Date(NOON - 86_400_000), before: new Date(NOON), step: 'hour' },
    ]);
  });

  it('tell what one call has cost', async () => {
    const { get, rows } = start();
    rows.calls = [];
    expect((await get(`/api/v1/calls/${callId(1)}/cost`)).json()).toEqual({
      ...{ prices: PRICES, inputTokens: 1_000_000, outputTokens: 500, cost: 3.006 },
    });
  });

  it.each([
    ['from=2026-01-01T00:00:00Z&step=day', 400],
    ['from=2026-11-10T00:00:00Z', 400],
    ['from=2016-12-31T23:59:60Z', 400],
    ['from=yesterday', 422],
    ['step=day', 422],
    ['from=2026-11-19T12:00:00Z&step=week', 422],
  ])('are refused for %s', async (query, status) => {
    const { get, asked } = start();
    expect((await get(`/api/v1/figures?${query}`)).statusCode).toBe(status);
    expect(asked).toEqual([]);
  });
});
