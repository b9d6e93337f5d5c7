/**
 * Makes the files of a finished recording from what the media worker left: the stereo
 * `recording.wav` and its mono parts. Streams in small pieces, outside the media workers. May be repeated after a crash.
 */
import { createHash } from 'node:crypto';
import { access, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { RECORDING_FORMAT, setAside, STEREO_SAMPLE_BYTES } from './recording/open-recording.ts';
import { RECORDING_RATE_HZ, WAV_HEADER_BYTES, wavHeader } from './recording/wav-header.ts';

export type PublishedFile = { filename: string; bytes: number };

export type PublishedRecording = {
  files: { mixed: PublishedFile; incoming: PublishedFile; outgoing: PublishedFile };
  durationMs: number;
  /** Of `recording.wav`, hexadecimal. */
  sha256: string;
};

export type SessionInfo = { session_id: string; [key: string]: unknown };

export type PublishRequest = {
  directory: string;
  partialPath: string;
  /** Milliseconds since the epoch of the recording's first sample. */
  startedAt: number;
  /** Milliseconds since the epoch; a recording that was cut off before is filled with silence up to it, for ten minutes at most. */
  endedAt?: number | null;
  /** Goes into `session_info.json` as it is; times, duration and files are added. */
  sessionInfo: SessionInfo;
};

export class PublishError extends Error {
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const PIECE_BYTES = 64 * 1024;
const LONGEST_FILL_MS = 600_000;
const BYTES_PER_MS = (RECORDING_RATE_HZ / 1_000) * STEREO_SAMPLE_BYTES;
const FINAL_NAME = 'recording.wav';
const SIDES = ['mixed', 'incoming', 'outgoing'] as const;
type Part = (typeof SIDES)[number];

/** `YYYYMMDD_HHMMSS`, UTC. */
const stamp = (ms: number): string => {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  return `${date.replaceAll('-', '')}_${time.slice(0, 8).replaceAll(':', '')}`;
};

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const writeDurably = async (file: string, content: string): Promise<void> => {
  const handle = await open(`${file}.tmp`, 'w', 0o640);
  try {
    await handle.writeFile(content, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
};

const clip = (sample: number): number => Math.max(-32_768, Math.min(32_767, sample));

/** Samples are little-endian in the file and in every machine that Node runs on. */
type Pieces = Record<Part, Int16Array>;

/** Splits the first `frames` pairs of interleaved stereo into the three mono pieces. */
const split = (stereo: Int16Array, frames: number, { mixed, incoming, outgoing }: Pieces): void => {
  for (let index = 0; index < frames; index += 1) {
    const left = stereo[index * 2] ?? 0;
    const right = stereo[index * 2 + 1] ?? 0;
    incoming[index] = left;
    outgoing[index] = right;
    mixed[index] = clip(left + right);
  }
};

type Target = { part: Part; filename: string; handle: FileHandle };

const openTargets = async (directory: string, suffix: string): Promise<Target[]> => {
  const targets: Target[] = [];
  for (const part of SIDES) {
    const filename = `${part}_${suffix}.wav`;
    targets.push({ part, filename, handle: await open(path.join(directory, `${filename}.tmp`), 'w', 0o640) });
  }
  return targets;
};

/** Copies the audio into the targets; resolves with the checksum of the repaired source. */
const derive = async (source: FileHandle, dataBytes: number, targets: readonly Target[]): Promise<string> => {
  const hash = createHash('sha256').update(wavHeader(dataBytes, RECORDING_FORMAT));
  const samples = new Int16Array(PIECE_BYTES / 2);
  const stereo = Buffer.from(samples.buffer);
  const monoSamples = PIECE_BYTES / STEREO_SAMPLE_BYTES;
  const pieces: Pieces = {
    mixed: new Int16Array(monoSamples),
    incoming: new Int16Array(monoSamples),
    outgoing: new Int16Array(monoSamples),
  };
  const header = wavHeader(dataBytes / 2, { channels: 1, sampleRateHz: RECORDING_RATE_HZ });
  for (const { handle } of targets) await handle.writeFile(header);
  for (let at = 0; at < dataBytes;) {
    const { bytesRead } = await source.read(stereo, 0, Math.min(PIECE_BYTES, dataBytes - at), WAV_HEADER_BYTES + at);
    const usable = bytesRead - (bytesRead % STEREO_SAMPLE_BYTES);
    if (usable === 0) throw new PublishError('shortRead', 'The recording is shorter than it was.');
    hash.update(stereo.subarray(0, usable));
    const frames = usable / STEREO_SAMPLE_BYTES;
    split(samples, frames, pieces);
    for (const { part, handle } of targets) await handle.appendFile(Buffer.from(pieces[part].buffer, 0, frames * 2));
    at += usable;
  }
  return hash.digest('hex');
};

const settleTargets = async (directory: string, targets: readonly Target[]): Promise<void> => {
  for (const { handle } of targets) await handle.sync();
  await Promise.all(targets.map(({ handle }) => handle.close()));
  for (const { filename } of targets) {
    const file = path.join(directory, filename);
    await rename(`${file}.tmp`, file);
  }
};

/** The header of a recording that was cut off by a crash tells an older length; the file itself is right (M10). A longer one ends in silence. */
const repairHeader = async (source: FileHandle, dataBytes: number): Promise<void> => {
  await source.write(wavHeader(dataBytes, RECORDING_FORMAT), 0, WAV_HEADER_BYTES, 0);
  await source.truncate(WAV_HEADER_BYTES + dataBytes);
  await source.sync();
};

/** Octets of audio to publish, from the size of the file. */
const lengthOf = (size: number, { startedAt, endedAt }: PublishRequest): number => {
  const audio = Math.max(0, size - WAV_HEADER_BYTES);
  const whole = audio - (audio % STEREO_SAMPLE_BYTES);
  const missing = endedAt ? Math.round(endedAt - startedAt) * BYTES_PER_MS - whole : 0;
  return whole + Math.min(Math.max(0, missing), LONGEST_FILL_MS * BYTES_PER_MS);
};

const earlierInfo = async (file: string): Promise<Record<string, unknown>> => {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
};

const publish = async (request: PublishRequest, finalPath: string, sourcePath: string): Promise<PublishedRecording> => {
  const { directory, startedAt, sessionInfo } = request;
  const source = await open(sourcePath, 'r+');
  let targets: Target[] = [];
  try {
    const { size } = await source.stat();
    const dataBytes = lengthOf(size, request);
    await repairHeader(source, dataBytes);
    targets = await openTargets(directory, stamp(startedAt));
    const sha256 = await derive(source, dataBytes, targets);
    await settleTargets(directory, targets);
    targets = [];
    if (sourcePath !== finalPath) {
      // Published before, and then gone on with after all: neither is lost.
      if (await exists(finalPath)) await setAside(finalPath);
      await rename(sourcePath, finalPath);
    }

    const durationMs = Math.round(dataBytes / BYTES_PER_MS);
    const bytes = WAV_HEADER_BYTES + dataBytes / 2;
    const fileOf = (part: Part): PublishedFile => ({ filename: `${part}_${stamp(startedAt)}.wav`, bytes });
    const files = { mixed: fileOf('mixed'), incoming: fileOf('incoming'), outgoing: fileOf('outgoing') };
    const infoFile = path.join(directory, 'session_info.json');
    const info = {
      owner_id: null,
      lead_id: null,
      campaign_id: null,
      caller_id: null,
      called_number: null,
      ...(await earlierInfo(infoFile)),
      start_time: new Date(startedAt).toISOString(),
      end_time: new Date(startedAt + durationMs).toISOString(),
      ...sessionInfo,
      duration_seconds: durationMs / 1_000,
      files: Object.fromEntries(SIDES.map((part) => [part, files[part].filename])),
    };
    await writeDurably(infoFile, `${JSON.stringify(info, null, 2)}\n`);
    return { files, durationMs, sha256 };
  } finally {
    await Promise.allSettled([source.close(), ...targets.map(({ handle }) => handle.close())]);
  }
};

/**
 * Publishes one recording and resolves with its files. Rejects with `PublishError`; `code` is the system's (`ENOSPC`,
 * `ENOENT`, …) or `shortRead`. What was there before stays whole in any case.
 */
export const publishRecording = async (request: PublishRequest): Promise<PublishedRecording> => {
  const finalPath = path.join(request.directory, FINAL_NAME);
  try {
    const sourcePath = (await exists(request.partialPath)) ? request.partialPath : finalPath;
    return await publish(request, finalPath, sourcePath);
  } catch (error) {
    if (error instanceof PublishError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new PublishError(code, error instanceof Error ? error.message : String(error), error);
  }
};
