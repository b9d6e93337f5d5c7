import { describe, expect, test } from 'vitest';
import { codecOf } from '#media/codec/g711.ts';

const decode = (name: 'PCMU' | 'PCMA', octet: number): number => {
  const pcm = new Int16Array(1);
  codecOf(name).decode(Uint8Array.of(octet), 0, 1, pcm);
  return pcm[0]!;
};

const encode = (name: 'PCMU' | 'PCMA', sample: number): number => {
  const octets = new Uint8Array(1);
  codecOf(name).encode(Int16Array.of(sample), 1, octets);
  return octets[0]!;
};

test.each([
  ['PCMU', 0x00, -32_124],
  ['PCMU', 0x80, 32_124],
  ['PCMU', 0xff, 0],
  ['PCMU', 0x7f, 0],
  ['PCMU', 0xf0, 120],
  ['PCMA', 0xd5, 8],
  ['PCMA', 0x55, -8],
  ['PCMA', 0xaa, 32_256],
  ['PCMA', 0x2a, -32_256],
  ['PCMA', 0x80, 5_504],
] as const)('%s decodes octet %i to %i (G.711)', (name, octet, sample) => {
  expect(decode(name, octet)).toBe(sample);
});

describe.each(['PCMU', 'PCMA'] as const)('%s', (name) => {
  test('encodes every sample to the nearest step', () => {
    for (let sample = -32_768; sample <= 32_767; sample += 7) {
      const error = Math.abs(decode(name, encode(name, sample)) - sample);
      expect(error).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 24));
    }
  });

  test('encodes what it decoded to the same sample', () => {
    for (let octet = 0; octet < 256; octet += 1)
      expect(decode(name, encode(name, decode(name, octet)))).toBe(decode(name, octet));
  });

  test('has an octet for silence', () => {
    expect(Math.abs(decode(name, codecOf(name).silence))).toBeLessThanOrEqual(8);
  });
});
