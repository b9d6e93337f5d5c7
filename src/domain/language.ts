/** Languages of calls: which one a person is spoken to in, from the country of their number. Pure. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { regionOf, type Region } from './country.ts';

/** The language most people of a country are called in, where it is not English. */
const LANGUAGE_OF_REGION: Readonly<Record<Region, string>> = {
  ...{ AE: 'ar', AL: 'sq', AM: 'hy', AR: 'es', AT: 'de', AZ: 'az', BA: 'bs', BE: 'nl', BG: 'bg', BO: 'es', BR: 'pt' },
  ...{ BY: 'ru', CH: 'de', CL: 'es', CN: 'zh', CO: 'es', CR: 'es', CU: 'es', CY: 'el', CZ: 'cs', DE: 'de', DK: 'da' },
  ...{ DO: 'es', DZ: 'ar', EC: 'es', EE: 'et', EG: 'ar', ES: 'es', FI: 'fi', FR: 'fr', GE: 'ka', GR: 'el', GT: 'es' },
  ...{ HK: 'zh', HN: 'es', HR: 'hr', HU: 'hu', ID: 'id', IL: 'he', IQ: 'ar', IR: 'fa', IS: 'is', IT: 'it', JO: 'ar' },
  ...{ JP: 'ja', KR: 'ko', KW: 'ar', KZ: 'ru', LB: 'ar', LI: 'de', LT: 'lt', LU: 'fr', LV: 'lv', LY: 'ar', MA: 'ar' },
  ...{ MC: 'fr', MD: 'ro', ME: 'sr', MK: 'mk', MX: 'es', NL: 'nl', NO: 'no', NI: 'es', OM: 'ar', PA: 'es', PE: 'es' },
  ...{ PL: 'pl', PT: 'pt', PY: 'es', QA: 'ar', RO: 'ro', RS: 'sr', RU: 'ru', SA: 'ar', SE: 'sv', SI: 'sl', SK: 'sk' },
  ...{ SV: 'es', TH: 'th', TN: 'ar', TR: 'tr', TW: 'zh', UA: 'uk', UY: 'es', VA: 'it', VE: 'es', VN: 'vi', IN: 'hi' },
};

const ENGLISH_NAMES = new Intl.DisplayNames('en', { type: 'language' });

/** `Bulgarian` for `bg` or `bg-BG`; the tag itself when nobody knows it. */
export const languageName = (tag: string): string => {
  try {
    return ENGLISH_NAMES.of(languageCode(tag)) ?? tag;
  } catch {
    return tag;
  }
};

/** `bg` for `bg-BG`: ISO 639-1 where there is such a code. */
export const languageCode = (tag: string): string => (tag.split('-')[0] ?? tag).toLowerCase();

const regionOfNumber = (e164: string | null): Region | null =>
  (e164 === null ? undefined : parsePhoneNumberFromString(e164)?.country) ?? null;

const inRegion = (region: Region | null, fallback: string): string | null => {
  if (region === null) return null;
  const language = LANGUAGE_OF_REGION[region];
  if (language !== undefined) return `${language}-${region}`;
  // A country without an entry speaks English, in the way it does.
  return languageCode(fallback) === 'en' ? fallback : `en-${region}`;
};

export type LanguageHints = {
  /** Chosen by somebody: wins. BCP 47. */
  chosen: string | null;
  /** Of the person, as somebody wrote it down. */
  country: string | null;
  /** Of the person; E.164. */
  number: string | null;
  /** The setting. */
  fallback: string;
};

/** BCP 47: what was chosen, else by the lead's country, else by the number's, else the setting. */
export const languageFor = ({ chosen, country, number, fallback }: LanguageHints): string =>
  chosen ?? inRegion(regionOf(country), fallback) ?? inRegion(regionOfNumber(number), fallback) ?? fallback;
