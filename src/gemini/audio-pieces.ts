/** Cuts a recording into pieces that fit into a request. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { JobError } from '#domain/job.ts';

export type AudioPiece = { mimeType: 'audio/wav' | 'audio/mp3'; base64: string; startMs: number };

/** A request may have 20 MB, and base64 makes four bytes of three. */
const MAX_PIECE_BYTES = 9_600_000;
const HEAD_BYTES = 4_096;

type WaveData = { format: Buffer; byteRate: number; dataOffset: number };

const unreadable = () =>
  new JobError('badAudio', 'The recording is no sound file that can be read.', { isFinal: true });

const readHead = (head: Buffer): WaveData => {
  if (head.length < 12 || head.toString('latin1', 0, 4) !== 'RIFF') throw unreadable();
  let format: Buffer | null = null;
  for (let at = 12; at + 8 <= head.length; at += 8 + head.readUInt32LE(at + 4)) {
    const chunk = head.toString('latin1', at, at + 4);
    if (chunk === 'fmt ' && at + 24 <= head.length) format = head.subarray(at + 8, at + 24);
    if (chunk === 'data' && format) return { format, byteRate: format.readUInt32LE(8), dataOffset: at + 8 };
  }
  throw unreadable();
};

const withHeader = (format: Buffer, data: Buffer): Buffer => {
  const header = Buffer.alloc(20);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  const dataHead = Buffer.alloc(8);
  dataHead.write('data', 0, 'latin1');
  dataHead.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, format, dataHead, data]);
};

/** One after the other, so that a long recording is never in memory as a whole. Throws `JobError`. */
export async function* audioPieces(path: string, maxBytes: number = MAX_PIECE_BYTES): AsyncGenerator<AudioPiece> {
  await using files = new AsyncDisposableStack();
  const file = files.adopt(await open(path, 'r'), (handle) => handle.close());
  const { size } = await file.stat();
  const read = async (offset: number, length: number) => {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  };
  if (extname(path).toLowerCase() === '.mp3') {
    if (size > maxBytes)
      throw new JobError('audioTooLong', 'The recording is too long for the model.', { isFinal: true });
    yield { mimeType: 'audio/mp3', base64: (await read(0, size)).toString('base64'), startMs: 0 };
    return;
  }
  const { format, byteRate, dataOffset } = readHead(await read(0, HEAD_BYTES));
  if (byteRate === 0) throw unreadable();
  // Whole seconds, so that no sample is cut in two.
  const pieceBytes = Math.max(1, Math.floor(maxBytes / byteRate)) * byteRate;
  for (let at = dataOffset; at < size; at += pieceBytes) {
    const data = await read(at, pieceBytes);
    const startMs = ((at - dataOffset) / byteRate) * 1_000;
    yield { mimeType: 'audio/wav', base64: withHeader(format, data).toString('base64'), startMs };
  }
}
