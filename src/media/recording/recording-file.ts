/** A WAV file that grows while it can be read: writes are asynchronous and in order, the header follows each second. */
import fs from 'node:fs';
import { promisify } from 'node:util';
import { openRecording, RECORDING_FORMAT } from './open-recording.ts';
import { setDataBytes, WAV_HEADER_BYTES, wavHeader } from './wav-header.ts';

export class RecordingError extends Error {
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export type RecordingFile = {
  readonly path: string;
  /** Octets of audio that were in the file when it was opened, silence included. */
  readonly bytesBefore: number;
  /** Takes over `buffer`; `recycle` is called when it is free again. */
  append(buffer: Buffer, bytes: number, recycle: (buffer: Buffer) => void): void;
  /** Lengthens the file by silence. */
  pad(bytes: number): void;
  /** Nothing more is written, not even what waits. */
  abandon(): void;
  /**
   * Waits for everything, cuts off what audio there is beyond `mostBytes`, writes the header for the last time and
   * closes; resolves with the file's size.
   */
  finish(mostBytes?: number): Promise<number>;
};

/** Half seconds of audio that may wait for a slow disk. */
const MAX_WAITING = 16;

const asRecordingError = (error: unknown): RecordingError => {
  if (error instanceof RecordingError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new RecordingError(code, error instanceof Error ? error.message : String(error), error);
};

type Pending = { buffer: Buffer; bytes: number; recycle: (buffer: Buffer) => void } | { buffer: null; bytes: number };

const truncate = promisify(fs.ftruncate);

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

const closeFile = (fd: number): Promise<void> =>
  new Promise((resolve) => {
    fs.close(fd, () => resolve());
  });

/**
 * Opens `file` as `openRecording` does. Rejects with `RecordingError`, whose `code` is the system's (`ENOSPC`,
 * `EACCES`, …); later failures go once to `onFailed`, after which nothing is written.
 */
export const openRecordingFile = async (
  file: string,
  { onFailed, ...opening }: { leastBytes: number; isResumed: boolean; onFailed: (error: RecordingError) => void },
): Promise<RecordingFile> => {
  const { fd, dataBytes: bytesBefore } = await openRecording(file, opening).catch((error: unknown) => {
    throw asRecordingError(error);
  });
  const header = wavHeader(bytesBefore, RECORDING_FORMAT);
  const waiting: Pending[] = [];
  let dataBytes = bytesBefore;
  let failure: RecordingError | null = null;
  let isClosed = false;
  let running: Promise<void> | null = null;

  const fail = (error: unknown): void => {
    if (failure !== null) return;
    failure = asRecordingError(error);
    onFailed(failure);
  };

  const writeNext = async ({ buffer, bytes }: Pending): Promise<void> => {
    if (buffer === null) await truncate(fd, WAV_HEADER_BYTES + dataBytes + bytes);
    else await writeAll(fd, buffer, bytes, WAV_HEADER_BYTES + dataBytes);
    dataBytes += bytes;
    setDataBytes(header, dataBytes);
    await writeAll(fd, header, WAV_HEADER_BYTES, 0);
  };

  const cut = async (bytes: number): Promise<void> => {
    await truncate(fd, WAV_HEADER_BYTES + bytes);
    dataBytes = bytes;
    setDataBytes(header, dataBytes);
    await writeAll(fd, header, WAV_HEADER_BYTES, 0);
  };

  const writeWaiting = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        if (failure === null) await writeNext(next);
      } catch (error) {
        fail(error);
      }
      if (next.buffer !== null) next.recycle(next.buffer);
    }
    running = null;
  };

  const add = (pending: Pending): void => {
    if (waiting.length >= MAX_WAITING) fail(new RecordingError('tooSlow', 'The disk does not keep up.'));
    waiting.push(pending);
    running ??= writeWaiting();
  };

  return {
    path: file,
    bytesBefore,
    append: (buffer, bytes, recycle) => add({ buffer, bytes, recycle }),
    pad: (bytes) => add({ buffer: null, bytes }),
    abandon: () => {
      failure ??= new RecordingError('abandoned', 'The recording goes on elsewhere.');
    },
    finish: async (mostBytes = Infinity) => {
      await running;
      if (dataBytes > mostBytes && failure === null && !isClosed) await cut(mostBytes).catch(fail);
      if (!isClosed) await closeFile(fd);
      isClosed = true;
      if (failure !== null) throw failure;
      return WAV_HEADER_BYTES + dataBytes;
    },
  };
};
