/** What the charts show, counted from a list of calls. Pure. */
import type { CallSummary } from '../api/types.ts';

/** Something with a name and how much of it there is. */
export type Bar = { name: string; value: number };

const HOUR_MS = 3_600_000;
/** Seconds from the first ring to the answer: upper ends of the classes. */
const ANSWER_CLASSES = [1, 2, 5, 10, 20, 30, 60];

const hourName = (at: number): string => `${String(new Date(at).getHours()).padStart(2, '0')}:00`;

/** One bar for each of the last 24 hours up to `now`, the oldest first; also the hours without a call. */
export const callsPerHour = (calls: readonly CallSummary[], now: number): Bar[] => {
  const last = Math.floor(now / HOUR_MS);
  const counts = Array.from({ length: 24 }, (_, index) => ({ hour: last - 23 + index, value: 0 }));
  for (const { startedAt } of calls) {
    const hour = counts[Math.floor(Date.parse(startedAt) / HOUR_MS) - last + 23];
    if (hour) hour.value += 1;
  }
  return counts.map(({ hour, value }) => ({ name: hourName(hour * HOUR_MS), value }));
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
