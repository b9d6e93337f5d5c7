/** What the charts show, counted from a list of calls. Pure. */
import type { Figures } from '../../../client/operations.ts';
import type { CallSummary } from '../api/types.ts';

/** Something with a name and how much of it there is. */
export type Bar = { name: string; value: number };

const HOUR_MS = 3_600_000;
/** Seconds from the first ring to the answer: upper ends of the classes. */
const ANSWER_CLASSES = [1, 2, 5, 10, 20, 30, 60];

const DAY_MS = 24 * HOUR_MS;

const pad = (value: number): string => String(value).padStart(2, '0');
const NAMES = {
  hour: (at: number): string => `${pad(new Date(at).getHours())}:00`,
  /** Of UTC, as the days are. */
  day: (at: number): string => `${new Date(at).getUTCDate()}.${new Date(at).getUTCMonth() + 1}.`,
} as const;

export type Step = Figures['steps'][number];
type Named = { name: string; step: Step };

const NOTHING: Omit<Step, 'at'> = {
  ...{ calls: 0, answered: 0, talkSeconds: 0, deadAirSeconds: 0, cost: 0, inputTokens: 0, outputTokens: 0 },
  waits: { count: 0, p50Ms: null, p95Ms: null },
};

/** The last `count` hours or days up to `now`, the oldest first; also those without a call. */
export const everyStep = (steps: readonly Step[], length: 'hour' | 'day', count: number, now: number): Named[] => {
  const lengthMs = length === 'hour' ? HOUR_MS : DAY_MS;
  const last = Math.floor(now / lengthMs);
  const known = new Map(steps.map((step) => [Math.floor(Date.parse(step.at) / lengthMs), step]));
  return Array.from({ length: count }, (_, index) => {
    const number = last - count + 1 + index;
    const at = number * lengthMs;
    return { name: NAMES[length](at), step: known.get(number) ?? { ...NOTHING, at: new Date(at).toISOString() } };
  });
};

/** How the calls ended, the most frequent first. */
export const outcomes = (calls: readonly CallSummary[]): Bar[] => {
  const counts = new Map<string, number>();
  for (const { status, cause } of calls) {
    const name = cause === null ? status : `${status}: ${cause}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value);
};

/** How long callers, and those who were called, took to be connected. */
export const answerTimes = (calls: readonly CallSummary[]): Bar[] => {
  const bars = [
    ...ANSWER_CLASSES.map((end) => ({ name: `up to ${end} s`, end })),
    { name: 'longer', end: Infinity },
  ].map((each) => ({ ...each, value: 0 }));
  for (const { startedAt, answeredAt } of calls) {
    if (answeredAt === null) continue;
    const seconds = (Date.parse(answeredAt) - Date.parse(startedAt)) / 1_000;
    const bar = bars.find(({ end }) => seconds <= end);
    if (bar) bar.value += 1;
  }
  return bars.map(({ name, value }) => ({ name, value }));
};
