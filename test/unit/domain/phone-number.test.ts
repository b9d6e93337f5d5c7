import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phoneNumberOf } from '#domain/phone-number.ts';

describe('phone number of a SIP user part', () => {
  it.each([
    ['+359888123456', '+359888123456'],
    ['00359888123456', '+359888123456'],
    ['0888123456', '0888123456'],
    ['%2B359888123456', '+359888123456'],
    ['+1-(212)-555.0100', '+12125550100'],
    ['+359888123456;phone-context=example.com', '+359888123456'],
    ['112', '112'],
    ['00', '00'],
    ['alice', null],
    ['anonymous', null],
    ['12ab', null],
    ['+', null],
    ['', null],
    ['%zz', null],
    ['1'.repeat(33), null],
  ])('reads %j as %j', (user, expected) => {
    expect(phoneNumberOf(user)).toBe(expected);
  });

  it('has no number where there is no user', () => {
    expect([phoneNumberOf(null), phoneNumberOf(undefined)]).toEqual([null, null]);
  });

  it('never throws and gives only digits with an optional plus', () => {
    fc.assert(
      fc.property(fc.string(), (user) => {
        const number = phoneNumberOf(user);
        expect(number === null || /^\+?\d{1,32}$/.test(number)).toBe(true);
      }),
    );
  });
});
