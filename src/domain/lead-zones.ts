/** Time zones that a telephone number may be in. Pure. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min.json';
import { callingCodeOf } from './calling-code.ts';
import { regionOf, type Region } from './country.ts';

type WithZones = { getTimeZones?(): readonly string[] | undefined };

/** That the data of Unicode does not have. */
const OTHER_ZONES: Readonly<Record<Region, readonly string[]>> = { XK: ['Europe/Belgrade'] };

const known = new Map<Region, readonly string[]>();

/** Every zone of a country; empty when none is known. */
export const zonesOfRegion = (region: Region): readonly string[] => {
  const told = () => (new Intl.Locale(`und-${region}`) as WithZones).getTimeZones?.() ?? [];
  const zones = known.get(region) ?? OTHER_ZONES[region] ?? told();
  known.set(region, zones);
  return zones;
};

/** Countries that share a calling code are told apart by the number, else by what the lead says; else it may be any of them. */
const regionsOf = (e164: string, country: string | null): readonly Region[] => {
  const code = callingCodeOf(e164.replace('+', ''));
  const sharing: readonly Region[] =
    code === null ? [] : ((metadata.country_calling_codes as Record<string, Region[]>)[code] ?? []);
  const told = parsePhoneNumberFromString(e164, metadata)?.country;
  if (told) return [told];
  const written = regionOf(country);
  return written !== null && sharing.includes(written) ? [written] : sharing;
};

/** Empty: nobody can say what time it is there. Mobile numbers travel: this is where the number is from. */
export const zonesOfNumber = (e164: string, country: string | null): readonly string[] => {
  const byRegion = regionsOf(e164, country).map(zonesOfRegion);
  return byRegion.some((zones) => zones.length === 0) ? [] : [...new Set(byRegion.flat())];
};
