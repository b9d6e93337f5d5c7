import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createImportTally, importBatchId } from '#domain/lead-import.ts';
import { delimiterOf, readLeadHeader, readLeadRow, type LeadHeader, type LeadRow } from '#domain/lead-row.ts';

const headerOf = (...cells: string[]): LeadHeader => {
  const header = readLeadHeader(cells);
  if (!header) throw new Error('no header');
  return header;
};

const HEADER = headerOf('first_name', 'last_name', 'email', 'phone', 'country', 'prefix', 'gender', 'address');
const row = (...cells: string[]) => readLeadRow(HEADER, cells, null);

describe('the header', () => {
  test.each([
    ['first_name,phone,country', ','],
    ['first_name;phone;country', ';'],
    ['first_name\tphone', '\t'],
    ['"a;b;c",phone', ','],
    ['phone', ','],
    ['', ','],
  ])('%j is delimited by %j', (line, delimiter) => {
    expect(delimiterOf(line)).toBe(delimiter);
  });

  test('is matched without regard to case and blanks, in any order, other columns being left out', () => {
    expect([...headerOf(' PHONE ', 'Shoe size', 'First_Name')]).toEqual([
      ['phone', 0],
      ['first_name', 2],
    ]);
  });

  test('without a column of phone numbers is none', () => {
    expect(readLeadHeader(['first_name', 'telephone'])).toBeNull();
  });

  test('takes the first of two equal columns', () => {
    expect([...headerOf('phone', 'phone')]).toEqual([['phone', 0]]);
  });
});

describe('a row', () => {
  test('becomes a lead, with its number in E.164 and empty cells as null', () => {
    expect(row(' Maria ', 'Petrova', '', '0888 123 456', 'Bulgaria', '359', 'F', '')).toEqual({
      ok: true,
      lead: {
        firstName: 'Maria',
        lastName: 'Petrova',
        email: null,
        country: 'Bulgaria',
        gender: 'female',
        address: null,
        number: { countryCode: '+359', national: '888123456', e164: '+359888123456' },
        notes: null,
        customData: null,
      },
      warning: null,
    });
  });

  test('country_code stands for prefix, and a prefix that is not empty wins', () => {
    const header = headerOf('country_code', 'prefix', 'phone');
    expect(readLeadRow(header, ['+359', '', '888123456'], null)).toMatchObject({
      lead: { number: { e164: '+359888123456' } },
    });
    expect(readLeadRow(header, ['+359', '+44', '7911123456'], null)).toMatchObject({
      lead: { number: { e164: '+447911123456' } },
    });
  });

  test('takes the country of the settings when nothing else tells it', () => {
    expect(readLeadRow(headerOf('phone'), ['0888123456'], 'BG')).toMatchObject({
      lead: { number: { e164: '+359888123456' } },
    });
  });

  test.each([
    ['m', 'male'],
    ['Male', 'male'],
    ['f', 'female'],
    ['FEMALE', 'female'],
    ['other', 'other'],
    ['', 'unknown'],
  ])('gender %j is %s', (text, gender) => {
    expect(row('', '', '', '+359888123456', '', '', text, '')).toMatchObject({ lead: { gender }, warning: null });
  });

  test('any other gender is unknown, with a warning', () => {
    expect(row('', '', '', '+359888123456', '', '', 'xx', '')).toMatchObject({
      ok: true,
      lead: { gender: 'unknown' },
      warning: "gender 'xx' stored as unknown",
    });
  });

  test.each<[string[], LeadRow]>([
    [['Ivan'], { ok: false, phone: '', reason: 'phone is missing' }],
    [['', '', '', '12ab'], { ok: false, phone: '12ab', reason: 'invalid phone number' }],
    [['', '', '', '3.59E+11'], { ok: false, phone: '3.59E+11', reason: 'invalid phone number' }],
    [
      ['', '', '', '888123456'],
      { ok: false, phone: '888123456', reason: 'the country of the phone number is not known' },
    ],
    [
      ['x'.repeat(201), '', '', '+359888123456'],
      { ok: false, phone: '+359888123456', reason: 'first_name has more than 200 characters' },
    ],
  ])('%j is refused with its reason', (cells, expected) => {
    expect(row(...cells)).toEqual(expected);
  });

  test('of any cells is taken or refused, and never holds what Postgres cannot', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 9 }), (cells) => {
        expect(JSON.stringify(row(...cells))).not.toMatch(/\\u0000|\\ud[89a-f]/);
      }),
    );
  });
});

describe('the account of an import', () => {
  const good = (phone: string) => row('', '', '', phone, '', '', '', '');

  test('adds up, counts duplicates of the file and of the owner, and keeps errors with their rows', () => {
    const tally = createImportTally();
    expect(tally.take(2, good('+359888123456'))).toMatchObject({ number: { e164: '+359888123456' } });
    expect(tally.take(3, good('00359 888 123 456'))).toBeNull();
    expect(tally.take(4, good('12ab'))).toBeNull();
    expect(tally.take(5, good('+359888123457'))).not.toBeNull();
    tally.stored(2, 1);
    expect(tally.result()).toEqual({
      totalRows: 4,
      imported: 1,
      skippedDuplicates: 2,
      failed: 1,
      errors: [{ row: 4, phone: '12ab', reason: 'invalid phone number' }],
      warnings: [],
    });
  });

  test('keeps a hundred errors and counts all', () => {
    const tally = createImportTally();
    for (let number = 2; number < 302; number += 1) tally.take(number, good('x'));
    expect(tally.result().errors).toHaveLength(100);
    expect(tally.counts.failed).toBe(300);
  });

  test('has a name that tells when it was', () => {
    expect(importBatchId(new Date('2025-12-01T12:04:23.456Z'), 'a1b2')).toBe('csv_import_20251201_120423_a1b2');
  });
});
