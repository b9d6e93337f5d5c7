/** What one line of a CSV file of leads means. Pure. */
import type { Gender } from './crm.ts';
import { LEAD_LENGTHS, type LeadFields } from './lead.ts';
import { readPhoneNumber } from './phone-number.ts';
import { cleanText } from './serialise-event.ts';

const COLUMNS = [
  'first_name',
  'last_name',
  'email',
  'phone',
  'country',
  'prefix',
  'country_code',
  'gender',
  'address',
] as const;
type Column = (typeof COLUMNS)[number];

/** Where each known column stands; the first of equal names counts. */
export type LeadHeader = ReadonlyMap<Column, number>;

export type LeadRow =
  { ok: true; lead: LeadFields; warning: string | null } | { ok: false; phone: string; reason: string };

const DELIMITERS = [',', ';', '\t'] as const;

/** The delimiter that separates most in the header line; what stands in quotes does not count. */
export const delimiterOf = (headerLine: string): string => {
  const bare = headerLine.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
};

const isColumn = (name: string): name is Column => (COLUMNS as readonly string[]).includes(name);

/** Null without a column of phone numbers. */
export const readLeadHeader = (cells: readonly string[]): LeadHeader | null => {
  const places = new Map<Column, number>();
  cells.forEach((cell, place) => {
    const name = cell.trim().toLowerCase();
    if (isColumn(name) && !places.has(name)) places.set(name, place);
  });
  return places.has('phone') ? places : null;
};

const GENDERS: Readonly<Record<string, Gender>> = {
  m: 'male',
  male: 'male',
  f: 'female',
  female: 'female',
  other: 'other',
  unknown: 'unknown',
  '': 'unknown',
};

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length)}…` : text);

const CHECKED = ['first_name', 'last_name', 'email', 'country', 'address'] as const;

/** One record of the file. `defaultRegion` tells the country of numbers of which nothing else does. */
export const readLeadRow = (header: LeadHeader, cells: readonly string[], defaultRegion: string | null): LeadRow => {
  const cell = (column: Column) => cleanText(cells[header.get(column) ?? -1] ?? '').trim();
  const textOf = (column: Column) => cell(column) || null;
  const phone = cell('phone');
  const refuse = (reason: string): LeadRow => ({ ok: false, phone: cut(phone, LEAD_LENGTHS.phone), reason });

  if (phone === '') return refuse('phone is missing');
  const countryCode = cell('prefix') || cell('country_code');
  const read = readPhoneNumber(phone, { countryCode, country: cell('country'), defaultRegion });
  if (!read.ok) return refuse(read.reason);
  const tooLong = CHECKED.find((column) => cell(column).length > LEAD_LENGTHS[column]);
  if (tooLong) return refuse(`${tooLong} has more than ${LEAD_LENGTHS[tooLong]} characters`);

  const gender = GENDERS[cell('gender').toLowerCase()];
  return {
    ok: true,
    lead: {
      firstName: textOf('first_name'),
      lastName: textOf('last_name'),
      email: textOf('email'),
      country: textOf('country'),
      address: textOf('address'),
      gender: gender ?? 'unknown',
      number: read.number,
      notes: null,
      customData: null,
    },
    warning: gender ? null : `gender '${cut(cell('gender'), 40)}' stored as unknown`,
  };
};
