/** Decoding of small WAV files: 16 bit PCM, mu-law and IMA ADPCM, one channel. Pure. */

export type Wave = { sampleRateHz: number; pcm: Int16Array };

export class WaveError extends Error {
  override name = 'WaveError';
  readonly code = 'unsupportedWave';
}

type WaveFormat = { tag: number; sampleRateHz: number; blockBytes: number };

const PCM = 1;
const MULAW = 7;
const IMA_ADPCM = 0x11;

const STEP_CHANGE = [-1, -1, -1, -1, 2, 4, 6, 8];
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
  130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
  1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484,
  7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

/** Reads a WAV file (RIFF, one channel, format 1, 7 or 0x11). Throws `WaveError` for anything else. */
export const decodeWave = (bytes: Uint8Array): Wave => {
  try {
    return decode(bytes);
  } catch (cause) {
    if (cause instanceof RangeError) throw new WaveError('The WAV file is damaged.', { cause });
    throw cause;
  }
};

const decode = (bytes: Uint8Array): Wave => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tagAt(view, 0) !== 'RIFF' || tagAt(view, 8) !== 'WAVE')
    throw new WaveError('Not a WAV file.');
  let format: WaveFormat | null = null;
  let sampleCount: number | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tagAt(view, at);
    const start = at + 8;
    const end = Math.min(start + view.getUint32(at + 4, true), bytes.length);
    if (name === 'fmt ') format = readFormat(view, start);
    else if (name === 'fact') sampleCount = view.getUint32(start, true);
    else if (name === 'data' && format) return decodeData(view, start, end, { format, sampleCount });
    at = end + ((end - start) & 1);
  }
  throw new WaveError('The WAV file has no audio data.');
};

const tagAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

const readFormat = (view: DataView, at: number): WaveFormat => {
  if (view.getUint16(at + 2, true) !== 1) throw new WaveError('Only one channel is supported.');
  return {
    tag: view.getUint16(at, true),
    sampleRateHz: view.getUint32(at + 4, true),
    blockBytes: view.getUint16(at + 12, true),
  };
};

const decodeData = (
  view: DataView,
  start: number,
  end: number,
  { format, sampleCount }: { format: WaveFormat; sampleCount: number | null },
): Wave => {
  const { sampleRateHz, tag } = format;
  if (tag === PCM) {
    return {
      sampleRateHz,
      pcm: Int16Array.from({ length: (end - start) >> 1 }, (_, i) => view.getInt16(start + 2 * i, true)),
    };
  }
  if (tag === MULAW) {
    return {
      sampleRateHz,
      pcm: Int16Array.from({ length: end - start }, (_, i) => decodeMulaw(view.getUint8(start + i))),
    };
  }
  if (tag !== IMA_ADPCM) throw new WaveError(`WAV format ${tag} is not supported.`);
  const samplesPerBlock = (format.blockBytes - 4) * 2 + 1;
  const blocks = Math.floor((end - start) / format.blockBytes);
  const pcm = new Int16Array(blocks * samplesPerBlock);
  for (let block = 0; block < blocks; block++) {
    const at = start + block * format.blockBytes;
    decodeAdpcmBlock(view, at, at + format.blockBytes, pcm.subarray(block * samplesPerBlock));
  }
  return { sampleRateHz, pcm: pcm.subarray(0, sampleCount ?? pcm.length) };
};

/** ITU-T G.711, one octet. */
const decodeMulaw = (octet: number): number => {
  const value = ~octet & 0xff;
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84;
  return value & 0x80 ? -magnitude : magnitude;
};

/** IMA ADPCM: a block starts with its first sample and step index; each nibble is one more sample, low one first. */
const decodeAdpcmBlock = (view: DataView, at: number, end: number, out: Int16Array): void => {
  let sample = view.getInt16(at, true);
  let index = Math.min(view.getUint8(at + 2), STEPS.length - 1);
  let written = 0;
  out[written++] = sample;
  const push = (nibble: number): void => {
    const step = STEPS[index] ?? 0;
    const difference = ((2 * (nibble & 7) + 1) * step) >> 3;
    sample = Math.max(-32768, Math.min(32767, nibble & 8 ? sample - difference : sample + difference));
    index = Math.max(0, Math.min(STEPS.length - 1, index + (STEP_CHANGE[nibble & 7] ?? 0)));
    out[written++] = sample;
  };
  for (let octet = at + 4; octet < end; octet++) {
    const value = view.getUint8(octet);
    push(value & 15);
    push(value >> 4);
  }
};
