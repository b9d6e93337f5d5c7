import { beforeAll, describe, expect, test } from 'vitest';
import { loadResamplers, MAX_RESAMPLER_INPUT, type ResamplerFactory } from '#media/resample/resampler.ts';
import { strengthOf } from '../../../fakes/rtp-peer.ts';

let resamplers: ResamplerFactory;
beforeAll(async () => {
  resamplers = await loadResamplers();
});

const tone = (frequencyHz: number, rateHz: number, samples: number): Int16Array =>
  Int16Array.from({ length: samples }, (_, index) =>
    Math.round(16_000 * Math.sin((2 * Math.PI * frequencyHz * index) / rateHz)),
  );

/** Converts in pieces of the given sizes, over and over. */
const convert = (input: Int16Array, from: number, to: number, sizes: readonly number[]): Int16Array => {
  const resampler = resamplers.create(from, to);
  const out: number[] = [];
  for (let at = 0, piece = 0; at < input.length; piece += 1) {
    const part = input.subarray(at, at + sizes[piece % sizes.length]!);
    out.push(...resampler.process(part, part.length));
    at += part.length;
  }
  resampler.destroy();
  return Int16Array.from(out);
};

/** Everything that is not the tone, against the tone, in decibels. */
const distortionDb = (pcm: Int16Array, frequencyHz: number, rateHz: number): number => {
  const steady = pcm.subarray(rateHz / 10, rateHz / 10 + rateHz / 2);
  const total = steady.reduce((sum, sample) => sum + sample * sample, 0) / steady.length;
  const signal = strengthOf(steady, frequencyHz, rateHz) ** 2 / 2;
  return 10 * Math.log10(Math.max(1e-6, total - signal) / signal);
};

describe.each([
  [8_000, 16_000],
  [24_000, 8_000],
])('M2: from %i to %i Hz', (from, to) => {
  test.each([200, 1_000, 3_000])('a tone of %i Hz keeps its level and is not distorted', (frequency) => {
    const out = convert(tone(frequency, from, from), from, to, [from / 50]);
    expect(out.length).toBe(to);
    expect(strengthOf(out.subarray(to / 10, to / 10 + to / 2), frequency, to)).toBeCloseTo(16_000, -2.5);
    expect(distortionDb(out, frequency, to)).toBeLessThan(-70);
  });

  test('chunks of any size join without a click: the result is that of one piece', () => {
    const input = tone(440, from, from / 5);
    const inOne = convert(input, from, to, [MAX_RESAMPLER_INPUT]);
    const inMany = convert(input, from, to, [160, 37, 1, 480, 333]);
    const length = Math.min(inOne.length, inMany.length);
    expect(inMany.length).toBeGreaterThanOrEqual(inOne.length - 4);
    const difference = inOne.subarray(0, length).map((sample, index) => Math.abs(sample - inMany[index]!));
    expect(Math.max(...difference)).toBeLessThanOrEqual(2);
  });
});

test.each([4_500, 6_000, 9_000])('M2: %i Hz does not come back as an alias at 8 kHz', (frequency) => {
  const out = convert(tone(frequency, 24_000, 24_000), 24_000, 8_000, [480]);
  expect(Math.max(...out.subarray(800).map(Math.abs))).toBeLessThan(16);
});

test('a reset forgets what came before', () => {
  const resampler = resamplers.create(24_000, 8_000);
  resampler.process(tone(1_000, 24_000, 480), 480);
  resampler.reset();
  expect(Math.max(...resampler.process(new Int16Array(480), 480).map(Math.abs))).toBe(0);
  resampler.destroy();
});

test('what is destroyed is not used again, and nothing is left', () => {
  const resampler = resamplers.create(8_000, 16_000);
  const before = resamplers.live();
  resampler.destroy();
  resampler.destroy();
  expect(resamplers.live()).toBe(before - 1);
  expect(() => resampler.process(new Int16Array(1), 1)).toThrow(expect.objectContaining({ code: 'resamplerFailed' }));
});
