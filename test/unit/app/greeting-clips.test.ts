import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clipFile, createGreetingClips, type GreetingClipsDeps } from '#app/greeting-clips.ts';
import type { GreetingWords, SpokenGreeting } from '#app/greeting-speaker.ts';
import { GreetingError } from '#domain/greeting.ts';
import type { CallId } from '#domain/call.ts';
import { silentLog } from '../../fakes/silent-log.ts';

let folder: string;
let nextCall = 0;
let now = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-clips-'));
});
afterEach(() => rm(folder, { recursive: true }));

const newCall = (): CallId => `call ${(nextCall += 1)}` as CallId;

const promptOf = (text: string | null, language = 'en-US') => ({
  ...{ greetingText: text, language, voice: 'Kore' },
  greetingClip: text === null ? null : clipFile({ text, language, voice: 'Kore' }),
});

/** Says what it is told to say when the test wants it. */
const createSpeaker = () => {
  const asked: GreetingWords[] = [];
  const answers: PromiseWithResolvers<SpokenGreeting>[] = [];
  return {
    asked,
    speak: (words: GreetingWords) => {
      asked.push(words);
      const answer = Promise.withResolvers<SpokenGreeting>();
      answers.push(answer);
      return answer.promise;
    },
    answer: (text: string) => answers.shift()?.resolve({ wave: Buffer.from(`sound of ${text}`), text }),
    fail: () => answers.shift()?.reject(new GreetingError('failed', 'The model did not speak.')),
  };
};

const open = (options: Partial<GreetingClipsDeps> = {}) => {
  const speaker = createSpeaker();
  const deps = { dataDirectory: folder, speak: speaker.speak, log: silentLog, now: () => now };
  return { speaker, clips: createGreetingClips({ ...deps, ...options }) };
};

/** The clip has been asked for. */
const untilAsked = (asked: readonly unknown[], count = 1) =>
  expect.poll(() => asked.length, { interval: 1 }).toBe(count);

it('makes a clip once for calls that begin at the same time, and finds it again after a restart', async () => {
  const { clips, speaker } = open();
  const both = [newCall(), newCall()].map((callId) => clips.of(callId, promptOf('Good day.')));
  await untilAsked(speaker.asked);
  speaker.answer('Good day, indeed.');
  const [one, other] = await Promise.all(both);
  const path = join(folder, clipFile({ text: 'Good day.', language: 'en-US', voice: 'Kore' }));
  expect(one).toEqual({ path, text: 'Good day, indeed.' });
  expect(other).toEqual(one);
  expect(await readFile(path, 'utf8')).toBe('sound of Good day, indeed.');

  const later = open();
  expect(await later.clips.of(newCall(), promptOf('Good day.'))).toEqual(one);
  expect(later.speaker.asked).toEqual([]);
  expect(speaker.asked).toEqual([{ text: 'Good day.', language: 'en-US', voice: 'Kore' }]);
});

it('has a clip of its own for other words, another language and another voice', () => {
  const words = { text: 'Good day.', language: 'en-US', voice: 'Kore' };
  const files = [words, { ...words, text: 'Hello.' }, { ...words, language: 'bg-BG' }, { ...words, voice: null }];
  expect(new Set(files.map(clipFile)).size).toBe(4);
});

it('lets the model greet where no words are known or a clip is not wanted', async () => {
  const { clips, speaker } = open();
  expect(await clips.of(newCall(), promptOf(null))).toBeNull();
  expect(await clips.of(newCall(), { ...promptOf('Good day.'), greetingClip: null })).toBeNull();
  expect(speaker.asked).toEqual([]);
});

it('lets the model greet where the clip cannot be made, and does not ask for it with every call', async () => {
  const { clips, speaker } = open();
  const call = newCall();
  const first = clips.of(call, promptOf('Good day.'));
  await untilAsked(speaker.asked);
  speaker.fail();
  expect(await first).toBeNull();
  expect(await clips.of(newCall(), promptOf('Good day.'))).toBeNull();
  expect(speaker.asked).toHaveLength(1);
  expect(await readdir(folder)).toEqual([]);

  now += 30_000;
  const again = clips.of(newCall(), promptOf('Good day.'));
  await untilAsked(speaker.asked, 2);
  speaker.answer('Good day.');
  expect(await again).not.toBeNull();
  expect(await clips.of(call, promptOf('Good day.'))).toBeNull();
});

it('G6: does not wait for long; a clip that comes late serves the next call', async () => {
  const { clips, speaker } = open({ patienceMs: 1 });
  expect(await clips.of(newCall(), promptOf('Good day.'))).toBeNull();
  speaker.answer('Good day.');
  await expect.poll(() => clips.of(newCall(), promptOf('Good day.'))).not.toBeNull();
  expect(speaker.asked).toHaveLength(1);
});

it('keeps those clips that were played last, each with its words, and nothing half written', async () => {
  const { clips, speaker } = open({ most: 2 });
  const made = async (text: string) => {
    const clip = clips.of(newCall(), promptOf(text));
    await untilAsked(speaker.asked, speaker.asked.length + 1);
    now += 60_000;
    speaker.answer(text);
    const path = (await clip)?.path ?? '';
    await utimes(path, now / 1_000, now / 1_000);
    return path;
  };
  const [first, second] = [await made('One.'), await made('Two.')];
  now += 60_000;
  await clips.of(newCall(), promptOf('One.'));
  const third = await made('Three.');
  const kept = [first, third].flatMap((path) => [path, path.replace('.wav', '.txt')]);
  const found = (await readdir(join(folder, 'greeting-clips'))).map((name) => join(folder, 'greeting-clips', name));
  expect(found.toSorted()).toEqual(kept.toSorted());
  expect(found).not.toContain(second);
});

it('plays a greeting that was prepared for the call, with the words that were given for it', async () => {
  const { clips, speaker } = open();
  const prompt = {
    greetingClip: 'greetings/greeting_bg_1_5.wav',
    greetingText: 'Добър ден.',
    language: 'bg',
    voice: null,
  };
  expect(await clips.of(newCall(), prompt)).toBeNull();
  await mkdir(join(folder, 'greetings'));
  await writeFile(join(folder, prompt.greetingClip), 'sound');
  expect(await clips.of(newCall(), prompt)).toEqual({ path: join(folder, prompt.greetingClip), text: 'Добър ден.' });
  expect(speaker.asked).toEqual([]);
});
