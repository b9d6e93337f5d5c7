import { describe, expect, it } from 'vitest';
import type { CallStatus, HangupCause } from '#domain/call.ts';
import { afterAttempt, judge, nextDialAt, readDiallingRules, type Candidate } from '#domain/dialling.ts';
import { zonesOfNumber } from '#domain/lead-zones.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const HOUR_MS = 3_600_000;

const rulesOf = (dialing: Record<string, unknown> = {}, schedule: Record<string, unknown> = {}) =>
  readDiallingRules(dialing, schedule);

describe('the zones of a number', () => {
  it.each<[string, string | null, readonly string[]]>([
    ['+359888123456', null, ['Europe/Sofia']],
    ['+16715550100', null, ['Pacific/Guam']],
    ['+77012345678', null, expect.arrayContaining(['Asia/Almaty'])],
    ['+12125550100', 'Canada', expect.arrayContaining(['America/New_York', 'Pacific/Honolulu'])],
    ['+38344123456', null, ['Europe/Belgrade']],
    ['+88212345678', null, []],
    ['+999123456', 'Bulgaria', []],
    ['not a number', null, []],
  ])('%s of a lead in %s', (number, country, zones) => {
    expect(zonesOfNumber(number, country)).toEqual(zones);
  });
});

describe('a lead', () => {
  const lead: Candidate = { e164: '+359888123456', country: null, mustNotBeCalled: false, recentCalls: 0 };
  const office = { start_time: '09:00', end_time: '18:00' };
  it.each<[string, Partial<Candidate>, Record<string, unknown>, object]>([
    ['is called', {}, {}, { kind: 'dial' }],
    ['is called within the hours', {}, office, { kind: 'dial' }],
    ['is gone', { e164: null }, {}, { kind: 'drop', reason: 'lead deleted' }],
    ['must not be called', { mustNotBeCalled: true }, {}, { kind: 'drop', reason: 'do not call' }],
    ['was called often enough', { recentCalls: 5 }, {}, { kind: 'defer', until: NOW + HOUR_MS }],
    ['sleeps', { e164: '+12125550100' }, office, { kind: 'defer', until: Date.parse('2026-11-23T19:00:00Z') }],
    ['is nobody knows where', { e164: '+88212345678' }, office, { kind: 'drop', reason: 'time zone not known' }],
    ['has hours that nobody can read', {}, { start_time: 'x' }, { kind: 'defer', until: NOW + HOUR_MS }],
  ])('D3: %s', (_case, change, schedule, verdict) => {
    expect(judge({ ...lead, ...change }, rulesOf({}, schedule), NOW)).toEqual(verdict);
  });
});

describe('after an attempt', () => {
  const final = { kind: 'final' };
  const retry = (seconds: number) => ({ kind: 'retry', at: NOW + seconds * 1_000 });
  it.each<[[CallStatus, HangupCause, number], Record<string, unknown>, object]>([
    [['answered', 'callerHungUp', 1], {}, final],
    [['rejected', 'rejected', 1], {}, final],
    [['busy', 'busy', 1], {}, retry(300)],
    [['no_answer', 'noAnswer', 1], {}, retry(900)],
    [['failed', 'trunkUnavailable', 2], {}, retry(300)],
    [['failed', 'fault', 3], {}, final],
    [['failed', 'invalidNumber', 1], {}, final],
    [['failed', 'blocked', 1], {}, final],
    [['busy', 'busy', 1], { retry_attempts: 0 }, final],
    [['busy', 'busy', 10], { retry_attempts: 10, retry_delay: 7 }, retry(7)],
  ])('D2: %j with %j', ([status, cause, attempts], dialing, expected) => {
    expect(afterAttempt({ status, cause, attempts }, rulesOf(dialing), NOW)).toEqual(expected);
  });
});

describe('the next call', () => {
  it.each<[string, Record<string, unknown>, [number, number], number]>([
    ['waits from the end of the last one', {}, [1_000, 9_000], 12_000],
    ['waits from the beginning of the last one', {}, [9_000, 5_000], 12_000],
    ['of many at a time waits from a beginning only', { concurrent_calls: 2 }, [1_000, 9_000], 4_000],
    [
      'comes at the rate that is set',
      { wait_between_calls: 0, concurrent_calls: 2, calls_per_second: 2 },
      [1_000, 0],
      1_500,
    ],
  ])('%s', (_case, dialing, [dialledAt, endedAt], expected) => {
    expect(nextDialAt({ dialledAt, endedAt }, rulesOf(dialing))).toBe(expected);
  });
});
