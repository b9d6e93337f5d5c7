import { describe, expect, it } from 'vitest';
import { isOpen, nextOpening, readCallingHours, type CallingHours } from '#domain/calling-hours.ts';

const hoursOf = (config: Record<string, unknown>): CallingHours => {
  const read = readCallingHours(config);
  if (read.kind !== 'hours') throw new Error(`not hours: ${JSON.stringify(read)}`);
  return read.hours;
};

const at = (time: string) => Date.parse(time);
const OFFICE = { start_time: '09:00', end_time: '18:00' };
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri'];
const SOFIA = ['Europe/Sofia'];
const BERLIN = ['Europe/Berlin'];

describe('hours', () => {
  const NIGHT = { start_time: '20:00', end_time: '02:00' };
  it.each<[string, Record<string, unknown>, readonly string[], [string, boolean]]>([
    ['a minute before they begin', OFFICE, SOFIA, ['2026-11-23T06:59:59Z', false]],
    ['when they begin', OFFICE, SOFIA, ['2026-11-23T07:00:00Z', true]],
    ['a minute before they end', OFFICE, SOFIA, ['2026-11-23T15:59:59Z', true]],
    ['when they end', OFFICE, SOFIA, ['2026-11-23T16:00:00Z', false]],
    ['in summer, an hour earlier by UTC', OFFICE, SOFIA, ['2026-07-20T06:00:00Z', true]],
    ['over midnight, before it', NIGHT, BERLIN, ['2026-11-23T22:30:00Z', true]],
    ['over midnight, at it', NIGHT, BERLIN, ['2026-11-23T23:00:00Z', true]],
    ['over midnight, behind it', NIGHT, BERLIN, ['2026-11-24T00:59:00Z', true]],
    ['over midnight, over', NIGHT, BERLIN, ['2026-11-24T01:00:00Z', false]],
    ['over midnight, in the afternoon', NIGHT, BERLIN, ['2026-11-23T12:00:00Z', false]],
    ['until 24:00', { start_time: '20:00', end_time: '24:00' }, BERLIN, ['2026-11-23T22:59:00Z', true]],
    ['on a Saturday that is no day of theirs', { ...OFFICE, days: WEEK }, SOFIA, ['2026-11-21T10:00:00Z', false]],
    ['on a Monday that is a Sunday by UTC', { days: ['mon'] }, ['Pacific/Auckland'], ['2026-11-22T12:00:00Z', true]],
    ['behind midnight of the last day', { ...NIGHT, days: ['fri'] }, BERLIN, ['2026-11-28T00:30:00Z', true]],
    ['behind midnight before the first day', { ...NIGHT, days: ['fri'] }, BERLIN, ['2026-11-27T00:30:00Z', false]],
    ['on a holiday', { ...OFFICE, holidays: ['2026-11-23'] }, SOFIA, ['2026-11-23T10:00:00Z', false]],
    ['on the day after', { ...OFFICE, holidays: ['2026-11-23'] }, SOFIA, ['2026-11-24T10:00:00Z', true]],
    ['behind midnight of a holiday', { ...NIGHT, holidays: ['2026-11-23'] }, BERLIN, ['2026-11-24T00:30:00Z', false]],
    ['on a holiday, begun before it', { ...NIGHT, holidays: ['2026-11-24'] }, BERLIN, ['2026-11-24T00:30:00Z', false]],
    ['in all of several zones', OFFICE, ['Europe/Sofia', 'Europe/London'], ['2026-11-23T10:00:00Z', true]],
    ['in only one of several zones', OFFICE, ['Europe/Sofia', 'Europe/London'], ['2026-11-23T07:30:00Z', false]],
    ['in no zone at all', OFFICE, [], ['2026-11-23T10:00:00Z', false]],
    ['in a zone that does not exist', OFFICE, ['Europe/Nowhere'], ['2026-11-23T10:00:00Z', false]],
    ['in the zone given for who has none', { ...OFFICE, timezone: 'Asia/Tokyo' }, [], ['2026-11-23T01:00:00Z', true]],
    ['by that zone for who has one', { ...OFFICE, timezone: 'Asia/Tokyo' }, SOFIA, ['2026-11-23T01:00:00Z', false]],
  ])('D3: %s', (_case, config, zones, [time, expected]) => {
    expect(isOpen(hoursOf(config), zones, at(time))).toBe(expected);
  });

  // Berlin skips 02:00-03:00 on 29 March 2026 and has 02:00-03:00 twice on 25 October 2026.
  it.each<[string, string, string, boolean]>([
    ['02:30', '2026-03-29T00:59:00Z', 'the last minute before the missing hour', false],
    ['02:30', '2026-03-29T01:00:00Z', 'the first minute behind the missing hour, 03:00', true],
    ['02:30', '2026-10-25T00:30:00Z', 'the first time that it is 02:30', true],
    ['02:30', '2026-10-25T01:15:00Z', 'the second time that it is 02:15', false],
    ['02:30', '2026-10-25T01:30:00Z', 'the second time that it is 02:30', true],
  ])('D3: that begin at %s when clocks change, at %s: %s', (start, time, _case, expected) => {
    expect(isOpen(hoursOf({ start_time: start, end_time: '05:00' }), BERLIN, at(time))).toBe(expected);
  });
});

describe('the next opening', () => {
  it.each<[string, Record<string, unknown>, readonly string[], [string, string | null]]>([
    ['is today', OFFICE, SOFIA, ['2026-11-23T05:10:00Z', '2026-11-23T07:00:00.000Z']],
    ['is tomorrow', OFFICE, SOFIA, ['2026-11-23T16:00:00Z', '2026-11-24T07:00:00.000Z']],
    ['is on Monday', { ...OFFICE, days: WEEK }, SOFIA, ['2026-11-20T16:00:00Z', '2026-11-23T07:00:00.000Z']],
    ['moves with the clocks', OFFICE, BERLIN, ['2026-03-28T18:00:00Z', '2026-03-29T07:00:00.000Z']],
    [
      'is when the last of several zones opens',
      OFFICE,
      ['Europe/Sofia', 'Europe/London'],
      ['2026-11-23T05:00:00Z', '2026-11-23T09:00:00.000Z'],
    ],
    ['is never on no day', { ...OFFICE, days: [] }, SOFIA, ['2026-11-23T05:00:00Z', null]],
    [
      'is never where two zones never overlap',
      OFFICE,
      ['Pacific/Auckland', 'Europe/London'],
      ['2026-11-23T05:00:00Z', null],
    ],
    ['is never without a zone', OFFICE, [], ['2026-11-23T05:00:00Z', null]],
  ])('%s', (_case, config, zones, [after, expected]) => {
    const opening = nextOpening(hoursOf(config), zones, at(after));
    expect(opening === null ? null : new Date(opening).toISOString()).toBe(expected);
  });
});

describe('what is set', () => {
  it.each<[object]>([[{}], [{ note: 'x' }], [{ start_time: null, days: null }]])('%j sets no hours', (config) => {
    expect(readCallingHours(config as Record<string, unknown>)).toEqual({ kind: 'always' });
  });

  it.each<[object]>([
    [{ start_time: '9 o’clock' }],
    [{ start_time: '25:00' }],
    [{ end_time: '24:01' }],
    [{ end_time: 18 }],
    [{ days: 'mon' }],
    [{ days: ['mon', 'someday'] }],
    [{ holidays: ['25.12.2026'] }],
    [{ holidays: ['2026-13-01'] }],
    [{ timezone: 'Europe/Nowhere' }],
    [{ timezone: 2 }],
    [{ timezone: '' }],
  ])('D3: %j cannot be read, and so nobody may be called', (config) => {
    expect(readCallingHours(config as Record<string, unknown>)).toMatchObject({ kind: 'unusable' });
  });
});
