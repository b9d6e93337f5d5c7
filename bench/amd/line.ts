/** What a telephone line does to speech: noise and G.711. */
import { codecOf } from '#media/codec/g711.ts';
import type { Random } from './random.ts';
import { RATE_PER_MS } from './voices.ts';

export const NOISES = ['none', 'white', 'pink', 'hum', 'babble'] as const;
export type Noise = (typeof NOISES)[number];

const FULL_SCALE = 32_768;
const amplitudeOf = (db: number): number => FULL_SCALE * 10 ** (db / 20);

const rms = (samples: Float64Array): number => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

export const atLevel = (samples: Float64Array, db: number): Float64Array => {
  const factor = samples.length === 0 ? 1 : amplitudeOf(db) / Math.max(1, rms(samples));
  return samples.map((sample) => sample * factor);
};

export const beepOf = (frequencyHz: number, ms: number, db: number): Float64Array =>
  Float64Array.from(
    { length: Math.round(ms * RATE_PER_MS) },
    (_, index) => amplitudeOf(db) * Math.SQRT2 * Math.sin((2 * Math.PI * frequencyHz * index) / 8_000),
  );

const pinkOf = (length: number, random: Random): Float64Array => {
  const poles = [0, 0, 0];
  return Float64Array.from({ length }, () => {
    const white = random.between(-1, 1);
    poles[0] = 0.99765 * poles[0]! + white * 0.099046;
    poles[1] = 0.963 * poles[1]! + white * 0.2965164;
    poles[2] = 0.57 * poles[2]! + white * 1.0526913;
    return poles[0] + poles[1] + poles[2] + white * 0.1848;
  });
};

const humOf = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, index) =>
    [1, 2, 3, 5].reduce((sum, harmonic) => sum + Math.sin((2 * Math.PI * 50 * harmonic * index) / 8_000) / harmonic, 0),
  );

/** Several people at once, at any point of what they say. */
const babbleOf = (length: number, voices: readonly Float64Array[], random: Random): Float64Array => {
  const mixed = new Float64Array(length);
  for (let speaker = 0; speaker < 5; speaker += 1) {
    const voice = atLevel(random.pick(voices), -20);
    const from = Math.floor(random.between(0, voice.length));
    for (let at = 0; at < length; at += 1) mixed[at]! += voice[(from + at) % voice.length]!;
  }
  return mixed;
};

const noiseOf = (noise: Noise, length: number, voices: readonly Float64Array[], random: Random): Float64Array => {
  switch (noise) {
    case 'none':
      return new Float64Array(length);
    case 'white':
      return Float64Array.from({ length }, () => random.between(-1, 1));
    case 'pink':
      return pinkOf(length, random);
    case 'hum':
      return humOf(length);
    default:
      return babbleOf(length, voices, random);
  }
};

export type LineOptions = {
  noise: Noise;
  noiseDb: number;
  codec: 'PCMU' | 'PCMA';
  voices: readonly Float64Array[];
  random: Random;
};

/** As it arrives at the other end. */
export const overLine = (clean: Float64Array, { noise, noiseDb, codec, voices, random }: LineOptions): Int16Array => {
  const noisy = noiseOf(noise, clean.length, voices, random);
  const background = noise === 'none' ? noisy : atLevel(noisy, noiseDb);
  const pcm = Int16Array.from(clean, (sample, at) => Math.max(-32_768, Math.min(32_767, sample + background[at]!)));
  const octets = new Uint8Array(pcm.length);
  const { encode, decode } = codecOf(codec);
  encode(pcm, pcm.length, octets);
  decode(octets, 0, octets.length, pcm);
  return pcm;
};
