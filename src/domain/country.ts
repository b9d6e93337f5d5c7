/** Countries as people write them: ISO 3166-1 codes, English names and common other names. Pure. */
import metadata from 'libphonenumber-js/metadata.min.json';

/** ISO 3166-1 alpha-2. */
export type Region = string;

/** The names that the English list of Unicode does not have, or has with a different wording. */
const OTHER_NAMES: Readonly<Record<Region, readonly string[]>> = {
  AE: ['UAE', 'Emirates'],
  BA: ['Bosnia'],
  BO: ['Plurinational State of Bolivia'],
  CD: ['DR Congo', 'DRC', 'Democratic Republic of the Congo', 'Congo-Kinshasa'],
  CG: ['Congo', 'Republic of the Congo', 'Congo-Brazzaville'],
  CI: ['Ivory Coast'],
  CN: ["People's Republic of China", 'PRC'],
  CV: ['Cabo Verde'],
  CZ: ['Czech Republic'],
  DE: ['Deutschland', 'Federal Republic of Germany'],
  GB: ['UK', 'Great Britain', 'Britain', 'England', 'Scotland', 'Wales', 'Northern Ireland'],
  HK: ['Hong Kong'],
  IR: ['Islamic Republic of Iran'],
  KP: ['DPRK', "Democratic People's Republic of Korea"],
  KR: ['Korea', 'Republic of Korea', 'ROK'],
  LA: ["Lao People's Democratic Republic"],
  MD: ['Republic of Moldova'],
  MK: ['Macedonia', 'FYROM', 'Republic of North Macedonia'],
  MM: ['Myanmar', 'Burma'],
  MO: ['Macao', 'Macau'],
  NL: ['Holland', 'The Netherlands'],
  PS: ['Palestine', 'State of Palestine'],
  RU: ['Russian Federation'],
  SY: ['Syrian Arab Republic'],
  SZ: ['Swaziland'],
  TL: ['East Timor'],
  TR: ['Turkey'],
  TZ: ['United Republic of Tanzania'],
  US: ['USA', 'United States of America', 'America'],
  VA: ['Vatican', 'Holy See'],
  VE: ['Bolivarian Republic of Venezuela'],
  VN: ['Viet Nam'],
};

/** Spelling apart from case, accents, dots, spaces and the words that are written in two ways. */
const keyOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/\bst\b\.?/g, 'saint')
    .replace(/^\s*the\b/, '')
    .replace(/[^\p{L}]/gu, '');

const collectRegions = (): ReadonlyMap<string, Region> => {
  const english = new Intl.DisplayNames('en', { type: 'region' });
  const regions = new Map<string, Region>();
  for (const region of Object.keys(metadata.countries)) {
    for (const name of [region, english.of(region) ?? region, ...(OTHER_NAMES[region] ?? [])]) {
      regions.set(keyOf(name), region);
    }
  }
  return regions;
};

const REGIONS = collectRegions();

/** Of an ISO code, an English name or another common name; null when it is not known. */
export const regionOf = (name: string | null | undefined): Region | null =>
  name ? (REGIONS.get(keyOf(name)) ?? null) : null;

const identityOf = (name: string) => regionOf(name) ?? name.trim().toLowerCase();

/** Whether both name the same country. Names that are not known are compared without regard to case. */
export const isSameCountry = (one: string, other: string): boolean => identityOf(one) === identityOf(other);
