/** Speech of espeak-ng at the telephone's rate. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeWave } from '#domain/wave.ts';
import type { Random } from './random.ts';

export const RATE_PER_MS = 8;
const RATE_HZ = 8_000;
const HALF_WIDTH = 24;
const VOICES: Readonly<Record<string, readonly string[]>> = {
  en: ['en-us', 'en-gb'],
  de: ['de'],
  es: ['es'],
  fr: ['fr-fr'],
  it: ['it'],
  bg: ['bg'],
};
const VARIANTS = ['', '+m1', '+m3', '+m4', '+m7', '+f1', '+f2', '+f3', '+f4'];
const run = promisify(execFile);

/** How one person speaks. */
export type Voice = { name: string; wordsPerMinute: number; pitch: number };

export const anyVoice = (language: string, random: Random): Voice => ({
  name: `${random.pick(VOICES[language] ?? [language])}${random.pick(VARIANTS)}`,
  wordsPerMinute: Math.round(random.between(140, 190)),
  pitch: Math.round(random.between(30, 70)),
});

/** 8 kHz, one channel. Rejects where espeak-ng is not installed. */
export const speak = async (text: string, { name, wordsPerMinute, pitch }: Voice): Promise<Float64Array> => {
  const args = ['--stdout', '-v', name, '-s', String(wordsPerMinute), '-p', String(pitch), '--', text];
  const { stdout } = await run('espeak-ng', args, { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 });
  const { pcm, sampleRateHz } = decodeWave(withLength(stdout));
  return trimmed(atTelephoneRate(pcm, sampleRateHz));
};

/** On a pipe, the program cannot say how long its file is. */
const withLength = (bytes: Buffer): Uint8Array => {
  bytes.writeUInt32LE(bytes.length - 44, 40);
  return new Uint8Array(bytes);
};

/** Windowed sinc, with the band limited to that of the telephone. */
const atTelephoneRate = (pcm: Int16Array, rateHz: number): Float64Array => {
  const ratio = rateHz / RATE_HZ;
  const cutoff = (2 * 3_500) / rateHz;
  return Float64Array.from({ length: Math.floor(pcm.length / ratio) }, (_, at) => {
    const centre = at * ratio;
    let sum = 0;
    for (let index = Math.ceil(centre - HALF_WIDTH); index <= centre + HALF_WIDTH; index += 1) {
      const x = index - centre;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
      sum += (pcm[index] ?? 0) * cutoff * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / HALF_WIDTH));
    }
    return sum;
  });
};

const AUDIBLE = 100;

const trimmed = (speech: Float64Array): Float64Array => {
  const isAudible = (sample: number) => Math.abs(sample) > AUDIBLE;
  return speech.slice(Math.max(0, speech.findIndex(isAudible)), speech.findLastIndex(isAudible) + 1);
};
