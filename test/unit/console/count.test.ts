import { expect, it } from 'vitest';
import type { CallSummary } from '../../../console/src/api/types.ts';
import { answerTimes, callsPerHour, outcomes } from '../../../console/src/figures/count.ts';

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

it('counts the calls of each of the last 24 hours, and leaves out older ones', () => {
  const bars = callsPerHour([call(0), call(60_000), call(HOUR_MS), call(23 * HOUR_MS), call(25 * HOUR_MS)], NOW);
  expect(bars).toHaveLength(24);
  expect(bars.map(({ value }) => value)).toEqual([1, ...Array.from({ length: 21 }, () => 0), 1, 2]);
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
