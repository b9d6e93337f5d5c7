/** What a session folder tells of its call, for calls of which nothing else is left. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CallDirection } from '#domain/call.ts';
import type { RecordingChannel, RecordingRecord } from '#domain/records.ts';
import type { Transcripts } from '#domain/transcripts.ts';
import { readAnalysis, readTranscripts } from './session-texts.ts';

export type SessionFolder = {
  startedAt: Date;
  endedAt: Date;
  direction: CallDirection;
  callerNumber: string | null;
  calledNumber: string | null;
  ownerId: number | null;
  leadId: number | null;
  campaignId: number | null;
  /** `session_info.json` as it is; null when there is none that can be read. */
  info: Record<string, unknown> | null;
  /** Of the longest sound file; null when there is none. */
  durationMs: number | null;
  files: RecordingRecord['files'];
  /** Absolute path of a recording that was never finished. */
  unfinished: string | null;
  /** Of text files; null when there are none. */
  transcripts: Transcripts | null;
  /** `analysis_result.json` as it is. */
  analysis: unknown;
};

type SoundFile = { name: string; bytes: number; durationMs: number; modifiedAt: number };

const UNFINISHED = 'recording.partial.wav';
/** As they are named here; older systems put other things behind the channel. */
const DATED_NAME = /^(incoming|outgoing|mixed|recording|stereo)(?:_(\d{8})_(\d{6}))?\.wav$/;
const MONO_NAME = /^(incoming|outgoing|mixed)[A-Za-z0-9_.-]{0,100}\.(?:wav|mp3)$/;
const HEAD_BYTES = 4_096;

const readInfo = async (directory: string): Promise<Record<string, unknown> | null> => {
  try {
    const parsed: unknown = JSON.parse(await readFile(path.join(directory, 'session_info.json'), 'utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
};

/** Bytes of sound in each second, and where the sound begins; null when the head is not that of a WAV file. */
const readHead = (head: Buffer): { byteRate: number; dataOffset: number } | null => {
  if (head.length < 12 || head.toString('latin1', 0, 4) !== 'RIFF') return null;
  let byteRate = 0;
  for (let at = 12; at + 8 <= head.length; at += 8 + head.readUInt32LE(at + 4)) {
    const chunk = head.toString('latin1', at, at + 4);
    if (chunk === 'fmt ' && at + 20 <= head.length) byteRate = head.readUInt32LE(at + 16);
    if (chunk === 'data') return byteRate > 0 ? { byteRate, dataOffset: at + 8 } : null;
  }
  return null;
};

/** By the size of the file: the head of one that was cut off tells an older length. */
const readSound = async (directory: string, name: string): Promise<SoundFile> => {
  const file = path.join(directory, name);
  const { size, mtimeMs } = await stat(file);
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
    await handle.read(head, 0, head.length, 0);
    const found = readHead(head);
    const durationMs = found ? Math.max(0, Math.round(((size - found.dataOffset) * 1_000) / found.byteRate)) : 0;
    return { name, bytes: size, durationMs, modifiedAt: mtimeMs };
  } finally {
    await handle.close();
  }
};

/** ISO 8601; a time without a zone is UTC. */
const timeIn = (info: Record<string, unknown> | null, key: string): number | null => {
  const value = info?.[key];
  if (typeof value !== 'string') return null;
  const isZoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(value);
  const time = Date.parse(isZoned ? value : `${value.replace(' ', 'T')}Z`);
  return Number.isNaN(time) ? null : time;
};

/** `YYYYMMDD_HHMMSS`, UTC. */
const timeInName = (name: string): number | null => {
  const [, , date = '', time = ''] = DATED_NAME.exec(name) ?? [];
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)];
  const parsed = Date.parse(`${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`);
  return Number.isNaN(parsed) ? null : parsed;
};

const numberIn = (info: Record<string, unknown> | null, key: string): number | null => {
  const value = info?.[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 2 ** 31 ? value : null;
};

const textIn = (info: Record<string, unknown> | null, key: string): string | null => {
  const value = info?.[key];
  return typeof value === 'string' && value !== '' ? value : null;
};

const leastOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
};

const channelOf = (name: string): string | undefined => (DATED_NAME.exec(name) ?? MONO_NAME.exec(name))?.[1];

/** Higher is better; of equals the later one. */
const rankOf = (name: string): number => (DATED_NAME.test(name) ? 2 : name.endsWith('.wav') ? 1 : 0);

const channelsOf = (sounds: readonly SoundFile[]): RecordingRecord['files'] => {
  const files: RecordingRecord['files'] = {};
  const fromWorst = sounds.toSorted((a, b) => rankOf(a.name) - rankOf(b.name) || (a.name < b.name ? -1 : 1));
  for (const { name, bytes } of fromWorst) {
    const channel = channelOf(name);
    if (channel === undefined) continue;
    files[channel === 'recording' ? 'stereo' : (channel as RecordingChannel)] = { fileName: name, bytes, sha256: null };
  }
  return files;
};

type Facts = { info: Record<string, unknown> | null; sounds: readonly SoundFile[]; folderModifiedAt: number };

/** The best that is known of the time, from what says it to what hints at it; never the present. */
const timesOf = ({ info, sounds, folderModifiedAt }: Facts): { startedAt: Date; endedAt: Date } => {
  const lengthMs = Math.max(0, ...sounds.map(({ durationMs }) => durationMs));
  const seconds = info?.['duration_seconds'];
  const toldMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0;
  const durationMs = lengthMs || toldMs;
  const writtenAt = sounds.length > 0 ? Math.max(...sounds.map(({ modifiedAt }) => modifiedAt)) : folderModifiedAt;
  const start =
    timeIn(info, 'start_time') ?? leastOf(sounds.map(({ name }) => timeInName(name))) ?? writtenAt - durationMs;
  const end = timeIn(info, 'end_time') ?? (durationMs > 0 ? start + durationMs : writtenAt);
  return { startedAt: new Date(start), endedAt: new Date(Math.max(start, end)) };
};

/** Rejects with the system's error when the folder cannot be read. */
export const readSessionFolder = async (directory: string): Promise<SessionFolder> => {
  const names = await readdir(directory);
  const info = await readInfo(directory);
  const wanted = names.filter((name) => channelOf(name) !== undefined || name === UNFINISHED);
  const sounds = await Promise.all(wanted.map((name) => readSound(directory, name)));
  const { mtimeMs } = await stat(directory);
  return {
    ...timesOf({ info, sounds, folderModifiedAt: mtimeMs }),
    direction: info?.['direction'] === 'outbound' ? 'outbound' : 'inbound',
    callerNumber: textIn(info, 'caller_id'),
    calledNumber: textIn(info, 'called_number'),
    ownerId: numberIn(info, 'owner_id'),
    leadId: numberIn(info, 'lead_id'),
    campaignId: numberIn(info, 'campaign_id'),
    info,
    durationMs: sounds.length > 0 ? Math.max(...sounds.map(({ durationMs }) => durationMs)) : null,
    files: channelsOf(sounds),
    unfinished: names.includes(UNFINISHED) ? path.join(directory, UNFINISHED) : null,
    transcripts: await readTranscripts(directory, names),
    analysis: await readAnalysis(directory, names),
  };
};
