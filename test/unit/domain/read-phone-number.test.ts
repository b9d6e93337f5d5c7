import fc from 'fast-check';
import examples from 'libphonenumber-js/mobile/examples';
import { getCountries, getExampleNumber } from 'libphonenumber-js';
import { describe, expect, test } from 'vitest';
import { readPhoneNumber, type LeadNumber, type PhoneHints } from '#domain/phone-number.ts';

const e164Of = (text: string, hints?: PhoneHints): string => {
  const read = readPhoneNumber(text, hints);
  return read.ok ? read.number.e164 : read.reason;
};

const partsOf = (text: string, hints?: PhoneHints): LeadNumber => {
  const read = readPhoneNumber(text, hints);
  if (!read.ok) throw new Error(`${text} was refused: ${read.reason}`);
  return read.number;
};

describe('a number with its calling code', () => {
  test.each<[string, string]>([
    ['+359888123456', '+359888123456'],
    ['00359 888 123 456', '+359888123456'],
    ['+359 (0)888 12-34-56', '+359888123456'],
    ['+3590888123456', '+359888123456'],
    ['(+44) 020 7946 0000', '+442079460000'],
    ['+39 06 698 2000', '+39066982000'],
    ['+225 07 09 12 34 56', '+2250709123456'],
    ['+1 555-1234', '+15551234'],
    ['\u200e+359\u00a0888\u00a0123\u00a0456', '+359888123456'],
    ['＋３５９８８８１２３４５６', '+359888123456'],
    ['+٣٥٩٨٨٨١٢٣٤٥٦', '+359888123456'],
    ['+36 06 30 123 4567', '+36301234567'],
    ['+88216 1234 5678', '+88216 1234 5678'.replaceAll(' ', '')],
  ])('%s is %s', (text, expected) => {
    expect(e164Of(text)).toBe(expected);
  });

  test('its own code wins over the hints', () => {
    expect(e164Of('+44 7911 123456', { countryCode: '+359', country: 'Bulgaria' })).toBe('+447911123456');
  });
});

describe('a national number', () => {
  test.each<[string, PhoneHints, string]>([
    ['0888123456', { countryCode: '+359' }, '+359888123456'],
    ['888123456', { countryCode: '359' }, '+359888123456'],
    ['888 123 456', { countryCode: ' 00359 ' }, '+359888123456'],
    ['555-1234', { countryCode: '+1' }, '+15551234'],
    ['633 1234', { countryCode: '+1-684' }, '+16846331234'],
    ['0888123456', { country: 'Bulgaria' }, '+359888123456'],
    ['0888123456', { country: 'bg' }, '+359888123456'],
    ['555 123 4567', { country: 'USA' }, '+15551234567'],
    ['07911 123456', { country: 'UK' }, '+447911123456'],
    ['07911 123456', { country: ' united  kingdom' }, '+447911123456'],
    ['090 123 4567', { country: 'Cote d Ivoire' }, '+2250901234567'],
    ['0888123456', { countryCode: '', country: 'Atlantis', defaultRegion: 'BG' }, '+359888123456'],
    ['0888123456', { countryCode: '+359', country: 'Germany', defaultRegion: 'US' }, '+359888123456'],
    ['8 912 345-67-89', { country: 'Russia' }, '+79123456789'],
    ['912 345-67-89', { country: 'Russia' }, '+79123456789'],
    ['1 (202) 555-0123', { countryCode: '+1' }, '+12025550123'],
    ['06 698 2000', { country: 'Italy' }, '+39066982000'],
  ])('%s with %o is %s', (text, hints, expected) => {
    expect(e164Of(text, hints)).toBe(expected);
  });

  test('is split into calling code and national digits', () => {
    expect(partsOf('0888 123 456', { countryCode: '359' })).toEqual({
      countryCode: '+359',
      national: '888123456',
      e164: '+359888123456',
    });
  });
});

describe('what is no number is refused with its reason', () => {
  const bulgarian: PhoneHints = { countryCode: '+359' };
  test.each<[string, PhoneHints, string]>([
    ['12ab', bulgarian, 'invalid phone number'],
    ['3.59888E+11', {}, 'invalid phone number'],
    ['', bulgarian, 'invalid phone number'],
    ['+', bulgarian, 'invalid phone number'],
    ['---', bulgarian, 'invalid phone number'],
    ['0000', bulgarian, 'unknown country calling code'],
    ['123', bulgarian, 'invalid phone number'],
    ['8881234567890123', bulgarian, 'invalid phone number'],
    ['888123456.0', bulgarian, 'invalid phone number'],
    ['888 123 456 ext. 7', bulgarian, 'invalid phone number'],
    [`8${' '.repeat(100)}88123456`, bulgarian, 'invalid phone number'],
    ['+999 888 123 456', {}, 'unknown country calling code'],
    ['888123456', { countryCode: '+999' }, 'unknown country calling code'],
    ['888123456', { countryCode: 'abc' }, 'unknown country calling code'],
    ['888123456', {}, 'the country of the phone number is not known'],
    ['888123456', { country: 'Atlantis' }, 'the country of the phone number is not known'],
  ])('%s', (text, hints, reason) => {
    expect(readPhoneNumber(text, hints)).toEqual({ ok: false, reason });
  });
});

/** Argentina writes mobile numbers inside the country with other digits, and a number of Belarus may begin with its prefix. */
const OTHERWISE_AT_HOME = ['AR', 'BY'];

test.each(getCountries())('the mobile number of %s is told from its national and its international form', (country) => {
  const example = getExampleNumber(country, examples);
  if (!example) return;
  expect(e164Of(example.number)).toBe(example.number);
  expect(e164Of(example.formatInternational())).toBe(example.number);
  expect(e164Of(example.nationalNumber, { country })).toBe(example.number);
  if (OTHERWISE_AT_HOME.includes(country)) return;
  expect(e164Of(example.formatNational(), { country })).toBe(example.number);
});

const WRITTEN = fc.string({ unit: fc.constantFrom(...'0123456789+ -()./٣'), maxLength: 24 });
const HINTS: fc.Arbitrary<PhoneHints> = fc.record({
  countryCode: fc.option(fc.oneof(fc.constantFrom('+359', '39', '+1', '7', '+36', '225', '+1684'), WRITTEN)),
  country: fc.option(fc.constantFrom('Bulgaria', 'Italy', 'USA', 'Hungary', 'Atlantis', '')),
  defaultRegion: fc.option(fc.constantFrom('BG', 'DE')),
});

describe('for every text', () => {
  test('the parts of a number that was read give the same number again', () => {
    fc.assert(
      fc.property(WRITTEN, HINTS, (text, hints) => {
        const read = readPhoneNumber(text, hints);
        if (!read.ok) return;
        const { national, countryCode } = read.number;
        expect(readPhoneNumber(national, { ...hints, countryCode })).toEqual(read);
        expect(readPhoneNumber(read.number.e164)).toEqual(read);
      }),
      { numRuns: 5_000 },
    );
  });

  test('what is read is E.164 of 7 to 15 digits in two parts', () => {
    fc.assert(
      fc.property(fc.oneof(WRITTEN, fc.string({ unit: 'binary', maxLength: 80 })), HINTS, (text, hints) => {
        const read = readPhoneNumber(text, hints);
        if (!read.ok) return;
        expect(read.number.e164).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(read.number.countryCode + read.number.national).toBe(read.number.e164);
      }),
      { numRuns: 5_000 },
    );
  });
});
