/** What the demo's callers say. */
import { join } from 'node:path';
import { readClipFile } from '#media/clip-file.ts';
import type { Clips } from './conversation.ts';
import { telephoneClipOf } from './telephone-clip.ts';

const CLIPS = join(import.meta.dirname, '..', 'gemini', 'rehearsal', 'clips', 'en');

export const loadClips = async (): Promise<Clips> => {
  const [question, interruption] = await Promise.all(
    ['question-1.wav', 'question-2.wav'].map(async (file) => telephoneClipOf(await readClipFile(join(CLIPS, file)))),
  );
  if (!question || !interruption) throw new Error('The spoken questions are missing.');
  return { question, interruption };
};
