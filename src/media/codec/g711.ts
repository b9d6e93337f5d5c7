/** G.711 (ITU-T) by table. The codec is an interface so that others can follow. */
import type { CodecName } from '#domain/media.ts';

export type AudioCodec = {
  name: CodecName;
  sampleRateHz: number;
  /** The octet that decodes to silence. */
  silence: number;
  /** Decodes `length` octets from `offset` into `out`; returns the number of samples. */
  decode(payload: Uint8Array, offset: number, length: number, out: Int16Array): number;
  /** Encodes `count` samples from the start of `pcm` into `out`; returns the number of octets. */
  encode(pcm: Int16Array, count: number, out: Uint8Array): number;
};

const ULAW_BIAS = 0x84;
const ULAW_CLIP = 32_635;

const ulawToLinear = (octet: number): number => {
  const code = ~octet & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + ULAW_BIAS) << ((code >> 4) & 0x07)) - ULAW_BIAS;
  return code & 0x80 ? -magnitude : magnitude;
};

const linearToUlaw = (sample: number): number => {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), ULAW_CLIP) + ULAW_BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
};

const alawToLinear = (octet: number): number => {
  const code = octet ^ 0x55;
  const exponent = (code >> 4) & 0x07;
  const mantissa = ((code & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return code & 0x80 ? magnitude : -magnitude;
};

const linearToAlaw = (sample: number): number => {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 0x7fff);
  const exponent = Math.max(0, 31 - Math.clz32(magnitude | 1) - 7);
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
};

const tableCodec = (
  name: CodecName,
  silence: number,
  rules: { toLinear: (octet: number) => number; fromLinear: (sample: number) => number },
): AudioCodec => {
  const linear = Int16Array.from({ length: 256 }, (_, octet) => rules.toLinear(octet));
  const octets = Uint8Array.from({ length: 65_536 }, (_, index) => rules.fromLinear((index << 16) >> 16));
  return {
    name,
    sampleRateHz: 8_000,
    silence,
    decode: (payload, offset, length, out) => {
      for (let index = 0; index < length; index += 1) out[index] = linear[payload[offset + index]!]!;
      return length;
    },
    encode: (pcm, count, out) => {
      for (let index = 0; index < count; index += 1) out[index] = octets[pcm[index]! & 0xffff]!;
      return count;
    },
  };
};

const codecs: Record<CodecName, AudioCodec> = {
  PCMU: tableCodec('PCMU', 0xff, { toLinear: ulawToLinear, fromLinear: linearToUlaw }),
  PCMA: tableCodec('PCMA', 0xd5, { toLinear: alawToLinear, fromLinear: linearToAlaw }),
};

export const codecOf = (name: CodecName): AudioCodec => codecs[name];
