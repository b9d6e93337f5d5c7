import { expect, test } from 'vitest';
import { isSameCountry, regionOf } from '#domain/country.ts';

test.each([
  ['Bulgaria', 'BG'],
  ['bg', 'BG'],
  ['USA', 'US'],
  ['U.S.A.', 'US'],
  ['united states of america', 'US'],
  ['The United States', 'US'],
  ['UK', 'GB'],
  ['gb', 'GB'],
  ['Great Britain', 'GB'],
  ['Czech Republic', 'CZ'],
  ['Czechia', 'CZ'],
  ['Turkey', 'TR'],
  ['Türkiye', 'TR'],
  ['Saint Lucia', 'LC'],
  ['St. Lucia', 'LC'],
  ['Bosnia and Herzegovina', 'BA'],
  ['South Korea', 'KR'],
  ['Ivory Coast', 'CI'],
])('%s is %s', (name, region) => {
  expect(regionOf(name)).toBe(region);
});

test.each(['Atlantis', '', null, undefined, '12', '...', 'X'])('%o is no country', (name) => {
  expect(regionOf(name)).toBeNull();
});

test.each(['USA', 'UK', 'Canada', 'Australia', 'Germany', 'France', 'Spain', 'Italy'])(
  'the dialog’s %s is known',
  (name) => {
    expect(regionOf(name)).not.toBeNull();
  },
);

test('names of one country are the same, unknown ones when they are spelt the same', () => {
  expect(isSameCountry('USA', ' united states ')).toBe(true);
  expect(isSameCountry('UK', 'Ukraine')).toBe(false);
  expect(isSameCountry('Atlantis', 'ATLANTIS ')).toBe(true);
  expect(isSameCountry('Atlantis', 'Lemuria')).toBe(false);
});
