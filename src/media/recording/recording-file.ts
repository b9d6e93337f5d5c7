/** A WAV file that grows while it can be read: writes are asynchronous and in order, the header follows each second. */
import fs from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { RECORDING_RATE_HZ, setDataBytes, WAV_HEADER_BYTES, wavHeader } from './wav-header.ts';

export class RecordingError extends Error {
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export type RecordingFile = {
  readonly path: string;
  /** Takes over `buffer`; `recycle` is called when it is free again. */
  append(buffer: Buffer, bytes: number, recycle: (buffer: Buffer) => void): void;
  /** Waits for everything, writes the header for the last time and closes; resolves with the file's size. */
  finish(): Promise<number>;
};

export const PARTIAL_NAME = 'recording.partial.wav';
/** Half seconds of audio that may wait for a slow disk. */
const MAX_WAITING = 16;
const FORMAT = { channels: 2, sampleRateHz: RECORDING_RATE_HZ } as const;

const asRecordingError = (error: unknown): RecordingError => {
  if (error instanceof RecordingError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new RecordingError(code, error instanceof Error ? error.message : String(error), error);
};

type Pending = { buffer: Buffer; bytes: number; recycle: (buffer: Buffer) => void };

const writeAll = (fd: number, buffer: Buffer, bytes: number, position: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const from = (offset: number): void => {
      fs.write(fd, buffer, offset, bytes - offset, position + offset, (error, written) => {
        if (error) reject(error);
        else if (offset + written < bytes) from(offset + written);
        else resolve();
      });
    };
    from(0);
  });

const openFile = (file: string): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.open(file, 'w', 0o640, (error, fd) => (error ? reject(error) : resolve(fd)));
  });

const closeFile = (fd: number): Promise<void> =>
  new Promise((resolve) => {
    fs.close(fd, () => resolve());
  });

/**
 * Creates `recording.partial.wav` in `directory` (made when missing), beginning with `silentBytes` of silence, which
 * cost no disk where files may have holes. Rejects with `RecordingError`, whose `code` is
 * the system's (`ENOSPC`, `EACCES`, …); later failures go once to `onFailed`, after which nothing is written.
 */
export const createRecordingFile = async (
  directory: string,
  { silentBytes, onFailed }: { silentBytes: number; onFailed: (error: RecordingError) => void },
): Promise<RecordingFile> => {
  const file = path.join(directory, PARTIAL_NAME);
  const header = wavHeader(silentBytes, FORMAT);
  let fd: number;
  try {
    await mkdir(directory, { recursive: true });
    fd = await openFile(file);
    await writeAll(fd, header, WAV_HEADER_BYTES, 0);
  } catch (error) {
    throw asRecordingError(error);
  }
  const waiting: Pending[] = [];
  let dataBytes = silentBytes;
  let failure: RecordingError | null = null;
  let isClosed = false;
  let running: Promise<void> | null = null;

  const fail = (error: unknown): void => {
    if (failure !== null) return;
    failure = asRecordingError(error);
    onFailed(failure);
  };

  const writeWaiting = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { buffer, bytes, recycle } = next;
      try {
        if (failure === null) {
          await writeAll(fd, buffer, bytes, WAV_HEADER_BYTES + dataBytes);
          dataBytes += bytes;
          setDataBytes(header, dataBytes);
          await writeAll(fd, header, WAV_HEADER_BYTES, 0);
        }
      } catch (error) {
        fail(error);
      }
      recycle(buffer);
    }
    running = null;
  };

  return {
    path: file,
    append: (buffer, bytes, recycle) => {
      if (waiting.length >= MAX_WAITING) fail(new RecordingError('tooSlow', 'The disk does not keep up.'));
      waiting.push({ buffer, bytes, recycle });
      running ??= writeWaiting();
    },
    finish: async () => {
      await running;
      if (!isClosed) await closeFile(fd);
      isClosed = true;
      if (failure !== null) throw failure;
      return WAV_HEADER_BYTES + dataBytes;
    },
  };
};
