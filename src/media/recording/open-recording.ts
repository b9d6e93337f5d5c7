/** Opens the file of a recording, new or cut off; what is there already is never lost (M10). */
import fs from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { RECORDING_RATE_HZ, setDataBytes, WAV_HEADER_BYTES, wavHeader } from './wav-header.ts';

export const PARTIAL_NAME = 'recording.partial.wav';
export const RECORDING_FORMAT = { channels: 2, sampleRateHz: RECORDING_RATE_HZ } as const;
export const STEREO_SAMPLE_BYTES = 4;

export type OpenRecording = { fd: number; dataBytes: number };

const openFile = promisify(fs.open);
const closeFile = promisify(fs.close);
const statFile = promisify(fs.fstat);
const truncate = promisify(fs.ftruncate);
const write = promisify(fs.write);
const read = promisify(fs.read);

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

/** Moves a file that is in the way to `recording.earlier-<its time>.wav` in the same folder. */
export const setAside = async (file: string): Promise<void> => {
  const { mtimeMs } = await stat(file);
  await rename(file, path.join(path.dirname(file), `recording.earlier-${Math.round(mtimeMs)}.wav`));
};

const openNew = async (file: string): Promise<number> => {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    return await openFile(file, 'wx+', 0o640);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await setAside(file);
    return openFile(file, 'wx+', 0o640);
  }
};

/** Length of the audio by the size of the file, or null when it does not begin like a recording of ours. */
const audioBytes = async (fd: number): Promise<number | null> => {
  const found = Buffer.alloc(WAV_HEADER_BYTES);
  const { bytesRead } = await read(fd, found, 0, WAV_HEADER_BYTES, 0);
  if (bytesRead < WAV_HEADER_BYTES) return null;
  setDataBytes(found, 0);
  if (!found.equals(wavHeader(0, RECORDING_FORMAT))) return null;
  const bytes = (await statFile(fd)).size - WAV_HEADER_BYTES;
  return bytes - (bytes % STEREO_SAMPLE_BYTES);
};

const openCutOff = async (file: string): Promise<OpenRecording | null> => {
  let fd: number;
  try {
    fd = await openFile(file, 'r+');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const dataBytes = await audioBytes(fd).catch(() => null);
  if (dataBytes !== null) return { fd, dataBytes };
  await closeFile(fd);
  return null;
};

/**
 * Opens `file` with at least `leastBytes` of audio, filled up by silence, which costs no disk where files may have
 * holes. Resumed: what the file holds stays, whatever its header says; a missing or broken file begins anew. Not
 * resumed: a file of that name is set aside. Rejects with the system's error.
 */
export const openRecording = async (
  file: string,
  { leastBytes, isResumed }: { leastBytes: number; isResumed: boolean },
): Promise<OpenRecording> => {
  const cutOff = isResumed ? await openCutOff(file) : null;
  const { fd, dataBytes: before } = cutOff ?? { fd: await openNew(file), dataBytes: 0 };
  try {
    const dataBytes = Math.max(before, leastBytes);
    // An incomplete last sample is cut off, so that the silence begins clean.
    await truncate(fd, WAV_HEADER_BYTES + before);
    await truncate(fd, WAV_HEADER_BYTES + dataBytes);
    await write(fd, wavHeader(dataBytes, RECORDING_FORMAT), 0, WAV_HEADER_BYTES, 0);
    return { fd, dataBytes };
  } catch (error) {
    await closeFile(fd);
    throw error;
  }
};
