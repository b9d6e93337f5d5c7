import { expect, it } from 'vitest';
import type { CallSummary } from '../../../console/src/api/types.ts';
import { answerTimes, everyStep, outcomes } from '../../../console/src/figures/count.ts';

const NOW = Date.parse('2026-03-01T12:30:00Z');
const HOUR_MS = 3_600_000;

const call = (startedAgoMs: number, fields: Partial<CallSummary> = {}): CallSummary => ({
  callId: 'x',
  direction: 'inbound',
  status: 'answered',
  callerNumber: null,
  calledNumber: null,
  startedAt: new Date(NOW - startedAgoMs).toISOString(),
  answeredAt: null,
  endedAt: null,
  durationSeconds: null,
  cause: null,
  ...fields,
});

const answeredAfter = (ms: number): CallSummary =>
  call(HOUR_MS, { answeredAt: new Date(NOW - HOUR_MS + ms).toISOString() });

it('has each of the last hours, also those without a call, and no older ones', () => {
  const empty = { count: 0, p50Ms: null, p95Ms: null };
  const step = (agoMs: number, calls: number) => ({
    ...{ at: new Date(NOW - 30 * 60_000 - agoMs).toISOString(), calls, answered: calls, talkSeconds: 9, waits: empty },
    ...{ deadAirSeconds: 0, cost: 0, inputTokens: 0, outputTokens: 0 },
  });
  const steps = everyStep([step(0, 2), step(2 * HOUR_MS, 1), step(5 * HOUR_MS, 7)], 'hour', 4, NOW);
  expect(steps.map(({ step: { at, calls } }) => [at.slice(11, 16), calls])).toEqual([
    ['09:00', 0],
    ['10:00', 1],
    ['11:00', 0],
    ['12:00', 2],
  ]);
});

it('names days by the day of UTC', () => {
  expect(everyStep([], 'day', 2, NOW).map(({ name }) => name)).toEqual(['28.2.', '1.3.']);
});

it('counts how calls ended, the most frequent first', () => {
  const busy = call(0, { status: 'busy', cause: 'calleeBusy' });
  expect(outcomes([call(0), busy, busy])).toEqual([
    { name: 'busy: calleeBusy', value: 2 },
    { name: 'answered', value: 1 },
  ]);
});

it('puts each answered call into its class of waiting, and no other call', () => {
  const bars = answerTimes([
    answeredAfter(900),
    answeredAfter(1_000),
    answeredAfter(1_001),
    answeredAfter(90_000),
    call(0),
  ]);
  expect(bars.filter(({ value }) => value > 0)).toEqual([
    { name: 'up to 1 s', value: 2 },
    { name: 'up to 2 s', value: 1 },
    { name: 'longer', value: 1 },
  ]);
});
