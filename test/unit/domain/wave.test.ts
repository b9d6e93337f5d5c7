import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWave, WaveError } from '#domain/wave.ts';

const wave = ({ tag, rate, block, data }: { tag: number; rate: number; block: number; data: Buffer }): Buffer => {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt16LE(block, 32);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
};

describe('decodeWave', () => {
  it('reads 16 bit PCM', () => {
    const data = Buffer.from(new Int16Array([0, 1, -1, 32767, -32768]).buffer);

    expect(decodeWave(wave({ tag: 1, rate: 16_000, block: 2, data }))).toEqual({
      sampleRateHz: 16_000,
      pcm: new Int16Array([0, 1, -1, 32767, -32768]),
    });
  });

  it('reads mu-law by the table of G.711', () => {
    const data = Buffer.from([0xff, 0x7f, 0x80, 0x00, 0xf0, 0x8f]);

    expect([...decodeWave(wave({ tag: 7, rate: 8000, block: 1, data })).pcm]).toEqual([
      0, 0, 32124, -32124, 120, 16764,
    ]);
  });

  it('reads IMA ADPCM blocks from their first sample on', () => {
    const data = Buffer.from([0xe8, 0x03, 0, 0, 0x07, 0x8f]);

    expect([...decodeWave(wave({ tag: 0x11, rate: 24_000, block: 6, data })).pcm]).toEqual([
      1000, 1013, 1015, 989, 986,
    ]);
  });

  it('refuses what is no WAV file, has two channels, or another coding', () => {
    const stereo = wave({ tag: 1, rate: 8000, block: 4, data: Buffer.alloc(4) });
    stereo.writeUInt16LE(2, 22);

    expect(() => decodeWave(Buffer.from('nothing of the kind'))).toThrow(WaveError);
    expect(() => decodeWave(stereo)).toThrow('Only one channel');
    expect(() => decodeWave(wave({ tag: 85, rate: 8000, block: 1, data: Buffer.alloc(4) }))).toThrow('format 85');
  });

  it('throws nothing but WaveError for a damaged file', () => {
    const whole = readFileSync(new URL('../../../src/gemini/rehearsal/clips/en/farewell.wav', import.meta.url));

    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.nat({ max: 60 }), fc.nat({ max: 255 }), (length, at, octet) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        if (at < length) damaged[at] = octet;
        try {
          decodeWave(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(WaveError);
        }
      }),
    );
  });
});
