/** Between the benchmark and its callers' thread. */
import type { LegReport } from './load-leg.ts';

export type LoadSettings = { sipTarget: { host: string; port: number }; calls: number };

export type LoadCommand =
  /** One after the other, so that the n-th call has the n-th model session. Answered when all were tried. */
  | { type: 'place' }
  /** For this long: packet times, and a short click on each call now and then. */
  | { type: 'measure'; forMs: number }
  /** Speech over the agent's, once on each call, while the agent has been speaking for a while. */
  | { type: 'bargeIn'; withinMs: number }
  | { type: 'report' }
  | { type: 'hangUp' };

export type LoadAnswer = {
  /** Calls that were not answered with 200, by status. */
  failures: Record<string, number>;
  deviationsMs: Float32Array;
  legs: LegReport[];
};
