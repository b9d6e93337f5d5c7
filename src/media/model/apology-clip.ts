/** Apologies that were spoken beforehand: who is to hear one has no model any more. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApologyLanguage } from '#domain/apology.ts';
import { decodeWave } from '#domain/wave.ts';

const CLIPS = join(import.meta.dirname, '../clips');
const read = new Map<ApologyLanguage, Int16Array>();

/** 24 kHz. Read at once, as what is queued is about to be drained; kept, as a model is seldom lost for one call alone. */
export const readApologyClip = (language: ApologyLanguage): Int16Array => {
  const before = read.get(language);
  if (before) return before;
  const { pcm } = decodeWave(readFileSync(join(CLIPS, `apology-${language}.wav`)));
  read.set(language, pcm);
  return pcm;
};
