/** What calls come to, hour by hour or day by day. */
import type { ModelTokens } from './model-cost.ts';
import type { OwnerScope } from './user.ts';

export type FigureStep = 'hour' | 'day';

export type FigureQuery = {
  scope: OwnerScope;
  from: Date;
  /** Exclusive. */
  before: Date;
  step: FigureStep;
};

/** Of the calls that began within one step. */
export type StepFigures = ModelTokens & {
  at: Date;
  calls: number;
  answered: number;
  talkSeconds: number;
  /** From the caller's last word to the agent's first; null: nobody has waited. */
  waits: { count: number; p50Ms: number | null; p95Ms: number | null };
  /** When neither has spoken for longer than `DEAD_AIR_MS`, between their words. */
  deadAirSeconds: number;
};

/** Silence in a conversation that people take for a fault. */
export const DEAD_AIR_MS = 2_000;

export type Figures = {
  /** Steps without a call are left out. */
  list(query: FigureQuery): Promise<readonly StepFigures[]>;
  tokensOf(callId: string): Promise<ModelTokens>;
};
