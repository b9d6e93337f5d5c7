import { describe, expect, it } from 'vitest';
import { createRateLimiter, createRefusalLog, createSourceFilter } from '#sip/admission.ts';

describe('C20: admission', () => {
  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['::ffff:10.1.2.3', true],
    ['10.2.0.1', false],
    ['203.0.113.7', true],
    ['203.0.113.8', false],
    ['not an address', false],
  ])('a source filter of some blocks says of %s: %s', (host, expected) => {
    const isAllowed = createSourceFilter(['127.0.0.0/8', '::1/128', '10.1.0.0/16', '203.0.113.7']);
    expect(isAllowed(host)).toBe(expected);
  });

  it('a source may send its burst, then at its rate', () => {
    const limiter = createRateLimiter({ perSecond: 2, burst: 3 });
    const passes = [0, 0, 0, 0, 499, 500, 1_500, 1_500, 1_500].map((at) => limiter.take('a', at));
    expect(passes).toEqual([true, true, true, false, false, true, true, true, false]);
    expect(limiter.take('b', 1_500)).toBe(true);
  });

  it('remembers a bounded number of sources', () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1 });
    for (let n = 0; n < 10_500; n += 1) limiter.take(`source-${n}`, 0);
    expect(limiter.size).toBe(10_000);
  });

  it('counts every refusal and logs a few a second', () => {
    const lines: [string, string, number][] = [];
    const refusals = createRefusalLog((reason, host, unlogged) => lines.push([reason, host, unlogged]));
    for (let n = 0; n < 20; n += 1) refusals.add('rateExceeded', 'a', 100);
    refusals.add('draining', 'b', 1_100);
    expect([refusals.counters.rateExceeded, refusals.counters.draining]).toEqual([20, 1]);
    expect(lines).toEqual([...Array.from({ length: 5 }, () => ['rateExceeded', 'a', 0]), ['draining', 'b', 15]]);
  });
});
