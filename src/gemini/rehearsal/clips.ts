/** The shipped speech clips: what the agent says, and questions for a caller to ask. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeWave } from '#domain/wave.ts';

export type ClipRole = 'greeting' | 'answer' | 'question' | 'farewell';

/** The agent's clips are 24 kHz, the caller's questions 8 kHz; mono, 16 bit. */
export type Clip = {
  id: string;
  language: string;
  role: ClipRole;
  text: string;
  file: string;
  durationMs: number;
  sampleRateHz: number;
  pcm: Int16Array;
};

export const CLIPS_DIRECTORY = join(import.meta.dirname, 'clips');

/** Reads `clips.json` and every file it names. Rejects if one is missing or unreadable. */
export const loadClips = async (directory: string = CLIPS_DIRECTORY): Promise<readonly Clip[]> => {
  const manifest: Omit<Clip, 'pcm'>[] = JSON.parse(await readFile(join(directory, 'clips.json'), 'utf8'));
  return Promise.all(
    manifest.map(async (entry) => ({ ...entry, pcm: decodeWave(await readFile(join(directory, entry.file))).pcm })),
  );
};
