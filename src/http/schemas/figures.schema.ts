/** Shapes of figures over calls, and of what they cost. */
import { Type } from 'typebox';
import { nullable, Timestamp } from './common.schema.ts';

const Count = Type.Integer({ minimum: 0 });
const Amount = Type.Number({ minimum: 0 });

const Prices = Type.Object(
  { input: Amount, output: Amount, asOf: Type.String({ examples: ['2026-03'] }) },
  { title: 'ModelPrices', description: 'US dollars for a million tokens, and of when they are; from the settings.' },
);

const cost = {
  cost: Type.Number({ minimum: 0, description: 'Of the model, in US dollars; what trunks cost is not in it.' }),
  inputTokens: Count,
  outputTokens: Count,
};

export const FiguresQuery = Type.Object(
  {
    from: Type.String({ format: 'date-time', description: 'Inclusive.' }),
    before: Type.Optional(Type.String({ format: 'date-time', description: 'Exclusive; now, when left out.' })),
    step: Type.Enum(['hour', 'day'], { default: 'hour', description: 'Days are those of UTC.' }),
  },
  { additionalProperties: false },
);

export const FiguresView = Type.Object(
  {
    prices: Prices,
    steps: Type.Array(
      Type.Object({
        at: Timestamp,
        calls: Count,
        answered: Count,
        talkSeconds: Amount,
        waits: Type.Object(
          { count: Count, p50Ms: nullable(Type.Number()), p95Ms: nullable(Type.Number()) },
          { description: "From the caller's last word to the agent's first." },
        ),
        deadAirSeconds: Type.Number({ minimum: 0, description: 'Silences of more than two seconds between words.' }),
        ...cost,
      }),
      { description: 'Of calls by when they began; steps without a call are left out.' },
    ),
  },
  { title: 'Figures' },
);

export const CallCost = Type.Object({ prices: Prices, ...cost }, { title: 'CallCost' });
