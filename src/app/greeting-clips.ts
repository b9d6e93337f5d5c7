/**
 * Greetings that are played instead of being spoken live: each made once for its words, voice and language, kept in the
 * data folder, and played on every call that says the same.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { GreetingClip } from '#domain/greeting.ts';
import type { Log } from '#domain/log.ts';
import type { GreetingSpeaker, GreetingWords } from './greeting-speaker.ts';

export type GreetingClips = {
  /**
   * What is played on this call, the same whenever it is asked; null: the model is to greet. Never rejects, and never
   * takes long: a clip that is not made in time serves the next call.
   */
  of(callId: CallId, prompt: ClipOrder): Promise<GreetingClip | null>;
  /** The call is over. */
  forget(callId: CallId): void;
};

/** Of a prompt. `greetingClip`: a file below the data folder. */
export type ClipOrder = {
  greetingClip: string | null;
  greetingText: string | null;
  language: string;
  voice: string | null;
};

export type GreetingClipsDeps = {
  dataDirectory: string;
  speak: GreetingSpeaker;
  log: Log;
  patienceMs?: number;
  most?: number;
  now?: () => number;
};

const FOLDER = 'greeting-clips';
/** While the phone rings, or the caller waits. */
const PATIENCE_MS = 2_000;
const MOST_CLIPS = 200;
/** After a failure the same clip is not asked for again for this long. */
const RETRY_AFTER_MS = 30_000;
/** Files of a process that was lost while it wrote. */
const LEFT_OVER_MS = 3_600_000;

/** Where the clip of these words is kept, or will be; below the data folder. */
export const clipFile = ({ text, voice, language }: GreetingWords): string => {
  const hash = createHash('sha256').update(JSON.stringify([text, voice, language]));
  return `${FOLDER}/${hash.digest('hex').slice(0, 32)}.wav`;
};

const wordsFile = (path: string): string => path.replace(/\.wav$/, '.txt');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const createGreetingClips = ({ dataDirectory, speak, log, ...options }: GreetingClipsDeps): GreetingClips => {
  const { patienceMs = PATIENCE_MS, most = MOST_CLIPS, now = Date.now } = options;
  const folder = join(dataDirectory, FOLDER);
  const chosen = new Map<CallId, Promise<GreetingClip | null>>();
  const making = new Map<string, Promise<GreetingClip | null>>();
  const failedAt = new Map<string, number>();

  /** Those that were played last stay. */
  const prune = async (): Promise<void> => {
    const files = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const path = join(folder, name);
        return { path, usedAt: (await stat(path).catch(() => ({ mtimeMs: now() }))).mtimeMs };
      }),
    );
    const clips = files.filter(({ path }) => path.endsWith('.wav')).toSorted((one, other) => other.usedAt - one.usedAt);
    const surplus = clips.slice(most).flatMap(({ path }) => [path, wordsFile(path)]);
    const leftOver = files.filter(({ path, usedAt }) => path.endsWith('.part') && now() - usedAt > LEFT_OVER_MS);
    await Promise.all([...surplus, ...leftOver.map(({ path }) => path)].map((path) => rm(path, { force: true })));
  };

  /** A clip is there as a whole, with its words, or not at all. */
  const keep = async (path: string, { wave, text }: { wave: Buffer; text: string }): Promise<void> => {
    const part = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(part, text);
      await rename(part, wordsFile(path));
      await writeFile(part, wave);
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
    await prune();
  };

  const make = async (path: string, words: GreetingWords): Promise<GreetingClip | null> => {
    try {
      const spoken = await speak(words);
      await keep(path, spoken);
      failedAt.delete(path);
      return { path, text: spoken.text };
    } catch (error) {
      failedAt.set(path, now());
      log.warn({ error: String(error) }, 'The clip of a greeting could not be made; the model greets live.');
      return null;
    }
  };

  const makeOnce = (path: string, words: GreetingWords): Promise<GreetingClip | null> => {
    const before = making.get(path);
    if (before) return before;
    for (const [failed, at] of failedAt) if (now() - at >= RETRY_AFTER_MS) failedAt.delete(failed);
    if (failedAt.has(path)) return Promise.resolve(null);
    const made = make(path, words).finally(() => making.delete(path));
    making.set(path, made);
    return made;
  };

  const kept = async (path: string): Promise<GreetingClip | null> => {
    if (!(await exists(path))) return null;
    const text = await readFile(wordsFile(path), 'utf8').catch(() => null);
    if (text === null) return null;
    const used = new Date(now());
    await utimes(path, used, used).catch(() => {});
    return { path, text };
  };

  const inTime = async (clip: Promise<GreetingClip | null>): Promise<GreetingClip | null> => {
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), patienceMs);
    return Promise.race([clip, late.promise]).finally(() => clearTimeout(timer));
  };

  const choose = async ({ greetingClip, greetingText: text, language, voice }: ClipOrder) => {
    if (greetingClip === null || text === null) return null;
    const path = join(dataDirectory, greetingClip);
    if (greetingClip !== clipFile({ text, language, voice })) return (await exists(path)) ? { path, text } : null;
    return (await kept(path)) ?? inTime(makeOnce(path, { text, language, voice }));
  };

  return {
    of: (callId, prompt) => {
      const before = chosen.get(callId);
      if (before) return before;
      const choice = choose(prompt);
      chosen.set(callId, choice);
      return choice;
    },
    forget: (callId) => void chosen.delete(callId),
  };
};
