/** What machines, screening services and people say when they answer, by language. Pure. */
import { ENGLISH, PHRASE_KINDS, PHRASES_BY_LANGUAGE, type PhraseKind } from './answering-words.ts';
import { languageCode } from './language.ts';

/** Lower case, no accents on Latin letters, no punctuation, single spaces: as the phrases are written. */
export const plainWords = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** All that is recognised in what was heard so far, in plain words; announcements of carriers come in English, too. */
export const phrasesIn = (words: string, languages: readonly string[]): ReadonlySet<PhraseKind> => {
  const found = new Set<PhraseKind>();
  const own = languages.map((language) => PHRASES_BY_LANGUAGE[languageCode(language)] ?? ENGLISH);
  for (const phrases of new Set([...own, ENGLISH]))
    for (const kind of PHRASE_KINDS) if (phrases[kind].test(words)) found.add(kind);
  return found;
};
