import { expect, it } from 'vitest';
import { APOLOGIES, apologyIn } from '#domain/apology.ts';

it.each([
  ['bg-BG', 'bg'],
  ['de', 'de'],
  ['FR-ch', 'fr'],
])('apologises in the language of the call: %s', (language, expected) => {
  expect(apologyIn(language)).toEqual({ language: expected, text: APOLOGIES[expected as keyof typeof APOLOGIES] });
});

it.each(['ja-JP', '', 'toString'])('apologises in English where it has no words of the language: %j', (language) => {
  expect(apologyIn(language)).toEqual({ language: 'en', text: APOLOGIES.en });
});
