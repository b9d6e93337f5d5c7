import { describe, expect, it } from 'vitest';
import { languageCode, languageFor, languageName } from '#domain/language.ts';

const NOTHING = { chosen: null, country: null, number: null, fallback: 'en-US' };

describe('the language of a call', () => {
  it.each([
    ['+359888123456', 'bg-BG'],
    ['+40721234567', 'ro-RO'],
    ['+306912345678', 'el-GR'],
    ['+4915112345678', 'de-DE'],
    ['+33612345678', 'fr-FR'],
    ['+5511987654321', 'pt-BR'],
    ['+14155550123', 'en-US'],
    ['+12', 'en-US'],
  ])('is told by the number %s: %s', (number, expected) => {
    expect(languageFor({ ...NOTHING, number })).toBe(expected);
  });

  it('is told by the country of the lead before the number, and by a choice before both', () => {
    const number = '+359888123456';
    expect(languageFor({ ...NOTHING, number, country: 'Spain' })).toBe('es-ES');
    expect(languageFor({ ...NOTHING, number, country: 'Spain', chosen: 'fi-FI' })).toBe('fi-FI');
    expect(languageFor({ ...NOTHING, number, country: 'Nowhere' })).toBe('bg-BG');
  });

  it('is the setting where nothing is known, and English where that is spoken', () => {
    expect(languageFor({ ...NOTHING, fallback: 'bg-BG' })).toBe('bg-BG');
    expect(languageFor({ ...NOTHING, fallback: 'bg-BG', country: 'UK' })).toBe('en-GB');
  });

  it('has a name and a code', () => {
    expect(languageName('bg-BG')).toContain('Bulgarian');
    expect(languageName('not a tag')).toBe('not a tag');
    expect(languageCode('pt-BR')).toBe('pt');
  });
});
