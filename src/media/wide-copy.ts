/** Copies a telephone recording to 16 kHz, for recognisers that take nothing else. */
import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { RECORDING_RATE_HZ, WAV_HEADER_BYTES, wavHeader } from './recording/wav-header.ts';
import { loadResamplers, type Resampler } from './resample/resampler.ts';

const WIDE_RATE_HZ = 16_000;
/** A tenth of a second: what the thread does at a time before others have their turn. */
const PIECE_SAMPLES = 800;

export class WideCopyError extends Error {
  override name = 'WideCopyError';
  readonly code = 'unsupportedRecording';
}

const refuseOthers = (header: Buffer): void => {
  const isOurs =
    header.length === WAV_HEADER_BYTES &&
    header.toString('latin1', 8, 16) === 'WAVEfmt ' &&
    header.readUInt16LE(20) === 1 &&
    header.readUInt16LE(22) === 1 &&
    header.readUInt32LE(24) === RECORDING_RATE_HZ &&
    header.toString('latin1', 36, 40) === 'data';
  if (!isOurs) throw new WideCopyError('Only recordings of 8 kHz, 16 bit, one channel can be converted.');
};

const convert = async (source: FileHandle, target: FileHandle, resampler: Resampler): Promise<number> => {
  const piece = Buffer.alloc(PIECE_SAMPLES * 2);
  const samples = new Int16Array(piece.buffer, piece.byteOffset, PIECE_SAMPLES);
  let written = 0;
  for (let at = WAV_HEADER_BYTES; ;) {
    const { bytesRead } = await source.read(piece, 0, piece.length, at);
    if (bytesRead < 2) return written;
    at += bytesRead;
    const wide = resampler.process(samples, bytesRead >> 1);
    const bytes = Buffer.from(wide.buffer, wide.byteOffset, wide.byteLength);
    await target.write(bytes, 0, bytes.length, WAV_HEADER_BYTES + written);
    written += bytes.length;
    await setImmediate();
  }
};

/** Rejects with `WideCopyError` for anything but a recording of ours. */
export const writeWideCopy = async (from: string, to: string): Promise<void> => {
  await using files = new AsyncDisposableStack();
  const source = files.adopt(await open(from, 'r'), (file) => file.close());
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  const { bytesRead } = await source.read(header, 0, WAV_HEADER_BYTES, 0);
  refuseOthers(header.subarray(0, bytesRead));
  const target = files.adopt(await open(to, 'w'), (file) => file.close());
  const factory = await loadResamplers();
  const resampler = factory.create(RECORDING_RATE_HZ, WIDE_RATE_HZ);
  try {
    const written = await convert(source, target, resampler);
    await target.write(wavHeader(written, { channels: 1, sampleRateHz: WIDE_RATE_HZ }), 0, WAV_HEADER_BYTES, 0);
  } finally {
    resampler.destroy();
  }
};
