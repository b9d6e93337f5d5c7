/** Calling codes of the ITU (E.164) and the national prefixes that fall away behind them. Pure. */
import { getCountryCallingCode, Metadata, type CountryCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min.json';
import type { Region } from './country.ts';

/** Plans in which a leading zero is part of the number, also when it is dialled from abroad. */
const ZERO_COUNTS = new Set(['39', '225', '226', '227', '229', '241', '242', '247', '378', '379', '687']);

const CODES = new Set([...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic), '379']);

/** The code with which these digits begin (no code begins another one), or null. */
export const callingCodeOf = (digits: string): string | null =>
  [1, 2, 3].map((length) => digits.slice(0, length)).find((code) => CODES.has(code)) ?? null;

export const callingCodeOfRegion = (region: Region): string => getCountryCallingCode(region as CountryCode, metadata);

type Plan = { prefix: string; lengths: readonly number[] };

const readPlan = (code: string): Plan => {
  const country = (metadata.country_calling_codes as Record<string, readonly CountryCode[]>)[code]?.[0];
  if (!country || !(country in metadata.countries)) return { prefix: '', lengths: [] };
  const reader = new Metadata(metadata);
  reader.selectNumberingPlan(country);
  const plan = reader.numberingPlan as unknown as {
    nationalPrefix(): string | 0 | undefined;
    possibleLengths(): number[];
  };
  return { prefix: plan.nationalPrefix() || '', lengths: plan.possibleLengths() };
};

const plans = new Map<string, Plan>();

const planOf = (code: string): Plan => {
  const known = plans.get(code) ?? readPlan(code);
  plans.set(code, known);
  return known;
};

/** `1` or `8` may begin a number as well: it is a prefix only when the number is too long with it and right without. */
const isPrefix = (digits: string, { prefix, lengths }: Plan): boolean =>
  digits.startsWith(prefix) &&
  !lengths.includes(digits.length) &&
  lengths.includes(digits.length - prefix.length) &&
  digits[prefix.length] !== '0';

/**
 * National digits without the prefix that is dialled inside the country only. Applying it again changes nothing.
 */
export const withoutTrunkPrefix = (code: string, digits: string): string => {
  if (ZERO_COUNTS.has(code)) return digits.replace(/^0+/, '0');
  const plan = planOf(code);
  if (plan.prefix.startsWith('0') && digits.startsWith(plan.prefix)) {
    return digits.slice(plan.prefix.length).replace(/^0+/, '');
  }
  const bare = digits.replace(/^0+/, '');
  return plan.prefix !== '' && isPrefix(bare, plan) ? bare.slice(plan.prefix.length) : bare;
};
