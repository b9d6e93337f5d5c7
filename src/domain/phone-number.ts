/** Phone numbers as they come in SIP URIs, and as people write them. Pure. */
import { callingCodeOf, callingCodeOfRegion, withoutTrunkPrefix } from './calling-code.ts';
import { regionOf } from './country.ts';

const MAX_DIGITS = 32;
const VISUAL_SEPARATORS = /[\s().-]/g;

const decodePercent = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * The number in the user part of a SIP or tel URI, as E.164 where it can be told: `+` is kept, a leading `00` becomes `+`,
 * visual separators (RFC 3966) and parameters after `;` are dropped. Null when it is not a number (`alice`, `anonymous`).
 */
export const phoneNumberOf = (user: string | null | undefined): string | null => {
  if (!user) return null;
  const bare = (decodePercent(user).split(';')[0] ?? '').replace(VISUAL_SEPARATORS, '');
  const international = /^(?:\+|00)(\d+)$/.exec(bare);
  const digits = international?.[1] ?? (/^\d+$/.test(bare) ? bare : null);
  if (digits === null || digits.length > MAX_DIGITS) return null;
  return international ? `+${digits}` : digits;
};

/** What tells the country of a number that is written nationally, in this order. */
export type PhoneHints = {
  /** Calling code, with or without `+`. */
  countryCode?: string | null | undefined;
  /** ISO code or English name. */
  country?: string | null | undefined;
  defaultRegion?: string | null | undefined;
};

export type LeadNumber = {
  /** With `+`. */
  countryCode: string;
  /** National significant digits. */
  national: string;
  e164: string;
};

export type ReadNumber = { ok: true; number: LeadNumber } | { ok: false; reason: string };

const MAX_TEXT = 64;
const MIN_E164_DIGITS = 7;
const MAX_E164_DIGITS = 15;
/** A whole number that a spreadsheet took for a decimal one: its last digit is none of the number. */
const SPREADSHEET_DECIMAL = /^\+?\d{7,}[.,]0$/;

const refused = (reason: string): ReadNumber => ({ ok: false, reason });
const INVALID = refused('invalid phone number');

/** Digits of all scripts as 0-9, and a leading `+`; null when something else than digits and separators is in it. */
const dialled = (text: string): string | null => {
  const plain = text
    .normalize('NFKC')
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf))
    .trim();
  if (text.length > MAX_TEXT || /\p{L}/u.test(plain) || SPREADSHEET_DECIMAL.test(plain)) return null;
  const kept = plain.replace(/[^0-9+]/g, '');
  const digits = kept.replaceAll('+', '');
  return kept.startsWith('+') ? `+${digits}` : digits.replace(/^00/, '+');
};

/** Digits of the calling code that the hints give, `''` when they give none, null when they give one that is none. */
const hintedCode = ({ countryCode, country, defaultRegion }: PhoneHints): string | null => {
  const given = dialled(countryCode ?? '');
  if (given === null) return null;
  const code = given.replace('+', '');
  if (code !== '') return callingCodeOf(code) === null ? null : code;
  const region = regionOf(country) ?? regionOf(defaultRegion);
  return region === null ? '' : callingCodeOfRegion(region);
};

const assemble = (codeDigits: string, nationalDigits: string): ReadNumber => {
  const code = callingCodeOf(codeDigits);
  if (code === null) return refused('unknown country calling code');
  // A code may bring the first digits of the number with it, as in +1684.
  const area = codeDigits.slice(code.length);
  const behind = area === '' ? nationalDigits : area + withoutTrunkPrefix(code, nationalDigits);
  const national = withoutTrunkPrefix(code, behind);
  const length = code.length + national.length;
  if (national === '' || length < MIN_E164_DIGITS || length > MAX_E164_DIGITS) return INVALID;
  return { ok: true, number: { countryCode: `+${code}`, national, e164: `+${code}${national}` } };
};

/**
 * Reads a number as people write it and tells its E.164 form: a leading `+` or `00` says that the calling code follows,
 * otherwise the hints give it. National prefixes are dropped. Lengths are checked, numbering plans are not. Reading
 * the parts of a number that was read gives that number.
 */
export const readPhoneNumber = (text: string, hints: PhoneHints = {}): ReadNumber => {
  const given = dialled(text);
  if (given === null || given === '' || given === '+') return INVALID;
  if (given.startsWith('+')) {
    const digits = given.slice(1);
    const code = callingCodeOf(digits);
    return code === null ? refused('unknown country calling code') : assemble(code, digits.slice(code.length));
  }
  const code = hintedCode(hints);
  if (code === null) return refused('unknown country calling code');
  return code === '' ? refused('the country of the phone number is not known') : assemble(code, given);
};
