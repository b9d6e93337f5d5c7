/** Recorded conversations out of the shipped clips: who says what when, and how it sounds. */
import { link, mkdir, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toTelephoneRate } from '#demo/telephone-clip.ts';
import { loadClips, type Clip } from '#gemini/rehearsal/clips.ts';
import { wavHeader } from '#media/recording/wav-header.ts';

const RATE_HZ = 8_000;
const PAUSE_MS = 500;
const SIDES = ['mixed', 'incoming', 'outgoing'] as const;
type Side = (typeof SIDES)[number];

export type SpokenClip = { speaker: 'agent' | 'user'; text: string; startMs: number; endMs: number };

export type RecordedConversation = {
  language: string;
  turns: readonly SpokenClip[];
  durationMs: number;
  sounds: Readonly<Record<Side, Int16Array>>;
};

const clip = (clips: readonly Clip[], id: string): Clip => {
  const found = clips.find((each) => each.id === id);
  if (!found) throw new Error(`The clip ${id} is not shipped.`);
  return found;
};

const record = (clips: readonly Clip[], language: string, question: number): RecordedConversation => {
  const ids = ['greeting', `question-${question}`, `answer-${question + 1}`, 'farewell'];
  const spoken = ids.map((id) => clip(clips, `${language}/${id}`));
  const sounds = spoken.map((each) => ({ ...each, samples: toTelephoneRate(each) }));
  const pause = (PAUSE_MS * RATE_HZ) / 1_000;
  const length = sounds.reduce((sum, { samples }) => sum + samples.length + pause, 0);
  const result = {
    incoming: new Int16Array(length),
    outgoing: new Int16Array(length),
    mixed: new Int16Array(length),
  };
  const turns: SpokenClip[] = [];
  let at = 0;
  for (const { role, text, samples } of sounds) {
    const isCaller = role === 'question';
    (isCaller ? result.incoming : result.outgoing).set(samples, at);
    result.mixed.set(samples, at);
    const ms = (samplesAt: number) => Math.round((samplesAt * 1_000) / RATE_HZ);
    turns.push({ speaker: isCaller ? 'user' : 'agent', text, startMs: ms(at), endMs: ms(at + samples.length) });
    at += samples.length + pause;
  }
  return { language, turns, durationMs: Math.round((length * 1_000) / RATE_HZ), sounds: result };
};

export const recordConversations = async (): Promise<readonly RecordedConversation[]> => {
  const clips = await loadClips();
  return ['en', 'bg'].flatMap((language) => [1, 2, 3].map((question) => record(clips, language, question)));
};

/** The files of a conversation, once; calls get links to them. */
export const writeSounds = async (directory: string, { sounds }: RecordedConversation): Promise<void> => {
  await mkdir(directory, { recursive: true });
  for (const side of SIDES) {
    const bytes = Buffer.from(sounds[side].buffer);
    const header = wavHeader(bytes.length, { channels: 1, sampleRateHz: RATE_HZ });
    await writeFile(join(directory, `${side}.wav`), Buffer.concat([header, bytes]), { mode: 0o640 });
  }
};

/** Links where the file system has them: 200 calls then take the space of six. */
export const linkSounds = async (from: string, to: string, stamp: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  for (const side of SIDES) {
    const [source, target] = [join(from, `${side}.wav`), join(to, `${side}_${stamp}.wav`)];
    await link(source, target).catch(() => copyFile(source, target));
  }
};

/** As `recordings.files` has them. */
export const filesOf = ({ sounds }: RecordedConversation, stamp: string) =>
  Object.fromEntries(
    SIDES.map((side) => [
      side,
      { fileName: `${side}_${stamp}.wav`, bytes: 44 + sounds[side].byteLength, sha256: null },
    ]),
  );
