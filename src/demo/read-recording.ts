/** Reads the header and the levels of a stereo WAV file. */
import type { RecordingEvidence } from './checks.ts';

const HEADER_BYTES = 44;
const STEREO_FRAME_BYTES = 4;

const levelOf = (samples: Int16Array, channel: number): number => {
  let sum = 0;
  for (let index = channel; index < samples.length; index += 2) sum += ((samples[index] ?? 0) / 32_768) ** 2;
  return Math.sqrt(sum / Math.max(1, samples.length / 2));
};

/** `status` is that of the HTTP answer. */
export const readRecording = (status: number, bytes: Buffer): RecordingEvidence => {
  if (status !== 200 || bytes.length < HEADER_BYTES) {
    return { status, channels: 0, sampleRateHz: 0, durationMs: 0, levels: [0, 0] };
  }
  const dataAt = bytes.indexOf('data', 12, 'latin1');
  const audio = bytes.subarray(dataAt + 8, dataAt + 8 + bytes.readUInt32LE(dataAt + 4));
  const samples = new Int16Array(audio.buffer.slice(audio.byteOffset, audio.byteOffset + (audio.length & ~3)));
  const sampleRateHz = bytes.readUInt32LE(24);
  return {
    status,
    channels: bytes.readUInt16LE(22),
    sampleRateHz,
    durationMs: Math.round((audio.length / STEREO_FRAME_BYTES / sampleRateHz) * 1000),
    levels: [levelOf(samples, 0), levelOf(samples, 1)],
  };
};
