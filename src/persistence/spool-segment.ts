/** One append-only file of the spool. */
import { open, readFile, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { decodeRecord, scanSegment, SEGMENT_MARK, type Scan, type SpoolRecord } from './spool-format.ts';

export type Segment = {
  readonly number: number;
  readonly size: number;
  /** Write at the end and fsync. When it fails, nothing of it stays. */
  append(bytes: Buffer): Promise<void>;
  /** Null when the bytes are damaged or cannot be read. */
  read(offset: number, length: number): Promise<SpoolRecord | null>;
  close(): Promise<void>;
  remove(): Promise<void>;
};

const NAME = /^(\d{8})\.spool$/;

export const segmentNumber = (fileName: string): number | null => {
  const digits = NAME.exec(fileName)?.[1];
  return digits === undefined ? null : Number(digits);
};

const pathOf = (directory: string, number: number) => path.join(directory, `${String(number).padStart(8, '0')}.spool`);

/** A new file's name is durable only when its directory is. Windows has no such call, and needs none. */
const syncDirectory = async (directory: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const writeFully = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
  await handle.datasync();
};

const segmentOn = (handle: FileHandle, file: string, number: number, firstSize: number): Segment => {
  let size = firstSize;
  return {
    number,
    get size() {
      return size;
    },
    append: async (bytes) => {
      try {
        await writeFully(handle, bytes, size);
      } catch (error) {
        await handle.truncate(size).catch(() => {});
        throw error;
      }
      size += bytes.length;
    },
    read: async (offset, length) => {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset).catch(() => ({ bytesRead: 0 }));
      return bytesRead === length ? decodeRecord(bytes) : null;
    },
    close: () => handle.close(),
    remove: async () => {
      await handle.close();
      await unlink(file);
    },
  };
};

export const createSegment = async (directory: string, number: number): Promise<Segment> => {
  const file = pathOf(directory, number);
  const handle = await open(file, 'wx+', 0o600);
  try {
    await writeFully(handle, SEGMENT_MARK, 0);
    await syncDirectory(directory);
  } catch (error) {
    await handle.close();
    await unlink(file).catch(() => {});
    throw error;
  }
  return segmentOn(handle, file, number, SEGMENT_MARK.length);
};

/** What an earlier process left. Null when it is no segment that can be read. */
export const openSegment = async (
  directory: string,
  number: number,
): Promise<{ segment: Segment; scan: Scan } | null> => {
  const file = pathOf(directory, number);
  const bytes = await readFile(file);
  const scan = scanSegment(bytes);
  if (!scan) return null;
  return { segment: segmentOn(await open(file, 'r'), file, number, bytes.length), scan };
};
