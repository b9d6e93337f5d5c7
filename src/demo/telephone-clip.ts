/** Turns a speech clip into what a telephone sends: 8 kHz µ-law, cut to where it is voiced. */
import type { Wave } from '#domain/wave.ts';
import { encodeMulaw } from './mulaw.ts';

const TELEPHONE_HZ = 8_000;
const PASSBAND_HZ = 3_600;
const TAPS_PER_SIDE_AT_OUTPUT_RATE = 12;
const VOICED_SAMPLE = 600;

/** Windowed-sinc low-pass, then every n-th sample. The rate has to be a multiple of 8 kHz. */
export const toTelephoneRate = ({ pcm, sampleRateHz }: Wave): Int16Array => {
  const factor = sampleRateHz / TELEPHONE_HZ;
  if (!Number.isInteger(factor)) throw new RangeError(`A clip of ${sampleRateHz} Hz is not a multiple of 8 kHz.`);
  if (factor === 1) return pcm;
  const half = TAPS_PER_SIDE_AT_OUTPUT_RATE * factor;
  const cutoff = (2 * PASSBAND_HZ) / sampleRateHz;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, n) => {
    const x = n - half;
    const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / (half + 1)));
  });
  return Int16Array.from({ length: Math.floor(pcm.length / factor) }, (_, index) => {
    let sum = 0;
    for (let n = 0; n < taps.length; n += 1) sum += (taps[n] ?? 0) * (pcm[index * factor + n - half] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
};

/** µ-law at 8 kHz, without the silence before the first and after the last voiced sample. */
export const telephoneClipOf = (wave: Wave): Uint8Array => {
  const samples = toTelephoneRate(wave);
  const first = samples.findIndex((sample) => Math.abs(sample) > VOICED_SAMPLE);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > VOICED_SAMPLE);
  return encodeMulaw(samples.subarray(Math.max(0, first), last + 1));
};
