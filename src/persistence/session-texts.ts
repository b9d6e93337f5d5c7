/**
 * Transcripts and analysis as text files of a session folder. UTF-8 whatever the locale; bytes that are none become
 * U+FFFD.
 */
import { open } from 'node:fs/promises';
import path from 'node:path';
import {
  AUDIO_TYPES,
  type AudioType,
  type SpokenTurn,
  type Transcript,
  type Transcripts,
} from '#domain/transcripts.ts';

const ANALYSIS = 'analysis_result.json';
const MAX_BYTES = 4 * 1024 * 1024;
const BYTE_ORDER_MARK = /^\uFEFF/;
const RULE = /^\s*-{3,}\s*$/;
const SPOKEN = /^(AGENT|USER):\s?(.*)$/i;

type TextFile = { text: string; modifiedAt: Date };

const readText = async (file: string): Promise<TextFile> => {
  const handle = await open(file, 'r');
  try {
    const { size, mtime } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const text = bytes.toString('utf8', 0, bytesRead).replace(BYTE_ORDER_MARK, '').replaceAll('\r\n', '\n');
    return { text, modifiedAt: mtime };
  } finally {
    await handle.close();
  }
};

/** Older systems put a head above a line of dashes. */
const withoutHead = (text: string): string => {
  if (!text.startsWith('Audio File:')) return text.trim();
  const lines = text.split('\n');
  const rule = lines.findIndex((line) => RULE.test(line));
  return (rule === -1 ? text : lines.slice(rule + 1).join('\n')).trim();
};

/** Null when not every line tells who spoke. */
const turnsOf = (content: string): SpokenTurn[] | null => {
  const turns: SpokenTurn[] = [];
  for (const line of content.split('\n').filter((each) => each.trim() !== '')) {
    const [, speaker, text] = SPOKEN.exec(line) ?? [];
    if (speaker === undefined || text === undefined) return null;
    turns.push({ speaker: speaker.toUpperCase() === 'AGENT' ? 'agent' : 'user', text });
  }
  return turns.length > 0 ? turns : null;
};

const toTranscript = (type: AudioType, { text, modifiedAt }: TextFile): Transcript | null => {
  const content = withoutHead(text);
  if (content === '') return null;
  const conversation = type === 'mixed' ? turnsOf(content) : null;
  return {
    content,
    ...(conversation ? { conversation } : {}),
    success: true,
    language: null,
    confidence: null,
    transcribed_at: modifiedAt.toISOString(),
    method: 'batch',
    filename: null,
    file: null,
    length: content.length,
    text_length: content.length,
  };
};

const transcriptName = (type: AudioType, names: readonly string[]): string | undefined => {
  const exact = `${type}_transcript.txt`;
  return names.includes(exact)
    ? exact
    : names.toSorted().findLast((name) => new RegExp(`^${type}_.*\\.txt$`).test(name));
};

/** Null when there are none. What cannot be read is left out. */
export const readTranscripts = async (directory: string, names: readonly string[]): Promise<Transcripts | null> => {
  const transcripts: Transcripts = {};
  for (const type of AUDIO_TYPES) {
    const name = transcriptName(type, names);
    const file = name && (await readText(path.join(directory, name)).catch(() => null));
    const transcript = file ? toTranscript(type, file) : null;
    if (transcript) transcripts[type] = transcript;
  }
  return Object.keys(transcripts).length > 0 ? transcripts : null;
};

/** Null when there is none that can be read. */
export const readAnalysis = async (directory: string, names: readonly string[]): Promise<unknown> => {
  if (!names.includes(ANALYSIS)) return null;
  try {
    return JSON.parse((await readText(path.join(directory, ANALYSIS))).text);
  } catch {
    return null;
  }
};
