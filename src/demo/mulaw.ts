/** G.711 µ-law of the test caller; written apart from the application's codec, so that neither hides a fault of the other. */

const BIAS = 0x84;
const CLIP = 32_635;
export const MULAW_SILENCE = 0xff;

const decodeOne = (code: number): number => {
  const inverted = ~code & 0xff;
  const exponent = (inverted >> 4) & 0x07;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << exponent;
  return inverted & 0x80 ? BIAS - magnitude : magnitude - BIAS;
};

const encodeOne = (sample: number): number => {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(CLIP, Math.abs(sample)) + BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
};

const DECODED = Int16Array.from({ length: 256 }, (_, code) => decodeOne(code));

/** 16-bit linear samples to µ-law bytes. */
export const encodeMulaw = (samples: Int16Array): Uint8Array => Uint8Array.from(samples, encodeOne);

/** µ-law bytes to 16-bit linear samples. */
export const decodeMulaw = (codes: Uint8Array): Int16Array => Int16Array.from(codes, (code) => DECODED[code] ?? 0);

/** Sine wave at 8 kHz as µ-law. `level` is 0 to 1. */
export const mulawTone = (frequencyHz: number, durationMs: number, level = 0.4): Uint8Array =>
  encodeMulaw(
    Int16Array.from({ length: durationMs * 8 }, (_, n) =>
      Math.round(32_767 * level * Math.sin((2 * Math.PI * frequencyHz * n) / 8000)),
    ),
  );

/** Root mean square of a µ-law frame, 0 to 1. */
export const mulawLevel = (codes: Uint8Array): number => {
  let sum = 0;
  for (const code of codes) sum += (DECODED[code] ?? 0) ** 2;
  return codes.length === 0 ? 0 : Math.sqrt(sum / codes.length) / 32_768;
};
