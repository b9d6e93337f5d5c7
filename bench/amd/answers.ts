/** Labelled answers of people, machines and screening services, the same in each run. */
import type { CalleeKind } from '#domain/callee.ts';
import { atLevel, beepOf, NOISES, overLine, type Noise } from './line.ts';
import { createRandom, type Random } from './random.ts';
import { SENTENCES } from './sentences.ts';
import { anyVoice, RATE_PER_MS, speak, type Voice } from './voices.ts';

export type Half = 'tuned' | 'unseen';
export type AnswerStyle = 'hello' | 'business' | 'silence' | 'machine' | 'screener';

/** A word, and when it has been said, in milliseconds since the answer. */
export type SpokenWord = { text: string; atMs: number };

export type Answer = {
  label: CalleeKind;
  style: AnswerStyle;
  language: string;
  noise: Noise;
  pcm: Int16Array;
  words: readonly SpokenWord[];
  /** End of its beep, in milliseconds since the answer. */
  beepEndsMs: number | null;
};

/** For each half and each of the six languages. */
const COUNTS: Readonly<Record<AnswerStyle, number>> = { hello: 19, business: 8, silence: 3, machine: 15, screener: 5 };
const LABELS: Readonly<Record<AnswerStyle, CalleeKind>> = {
  ...{ hello: 'human', business: 'human', silence: 'human', machine: 'machine', screener: 'screener' },
};
const SEEDS: Readonly<Record<Half, number>> = { tuned: 20_260, unseen: 71_993 };

type Piece = { samples: Float64Array; text: string };
type Setting = { half: Half; language: string; random: Random };

const pause = (ms: number): Piece => ({ samples: new Float64Array(Math.round(ms * RATE_PER_MS)), text: '' });

/** Some people, and many machines, breathe after the first sentence. */
const spoken = async (text: string, voice: Voice, breathMs: number): Promise<Piece[]> => {
  const [first = '', rest = ''] = text.split(/(?<=[.?!]) (.*)/su);
  const said = async (part: string) => ({ samples: await speak(part, voice), text: part });
  return rest === '' ? [await said(first)] : [await said(first), pause(breathMs), await said(rest)];
};

const textOf = (style: Exclude<AnswerStyle, 'silence'>, { half, language, random }: Setting): string =>
  random.pick(SENTENCES[language]?.[style][half] ?? []);

const humanPieces = async (style: 'hello' | 'business', setting: Setting): Promise<Piece[]> => {
  const { language, random } = setting;
  const voice = anyVoice(language, random);
  const answer = await spoken(textOf(style, setting), voice, random.between(150, 450));
  const before = pause(random.between(0, 1_500));
  // They hear the agent, and say something again.
  const reply = random.next() < 0.5 ? await spoken(textOf('hello', setting), voice, 200) : [];
  return [before, ...answer, pause(random.between(2_500, 5_000)), ...reply, pause(2_500)];
};

const machinePieces = async (style: 'machine' | 'screener', setting: Setting): Promise<Piece[]> => {
  const { language, random } = setting;
  const greeting = await spoken(textOf(style, setting), anyVoice(language, random), random.between(100, 800));
  return [pause(random.between(0, 700)), ...greeting];
};

const wordsOf = (pieces: readonly Piece[]): SpokenWord[] => {
  let startMs = 0;
  return pieces.flatMap(({ samples, text }) => {
    const lengthMs = samples.length / RATE_PER_MS;
    const from = startMs;
    startMs += lengthMs;
    return [...text.matchAll(/\S+\s*/g)].map(([word], index, all) => {
      const end = index === all.length - 1 ? text.length : (all[index + 1]?.index ?? 0);
      return { text: word, atMs: from + (lengthMs * end) / text.length };
    });
  });
};

const joined = (pieces: readonly Float64Array[]): Float64Array => {
  const whole = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

const piecesOf = (style: AnswerStyle, setting: Setting): Promise<Piece[]> => {
  switch (style) {
    case 'silence':
      return Promise.resolve([pause(9_000)]);
    case 'hello':
    case 'business':
      return humanPieces(style, setting);
    default:
      return machinePieces(style, setting);
  }
};

const afterSpeech = (style: AnswerStyle, random: Random): { samples: Float64Array; beepEndsAt: number | null } => {
  if (style !== 'machine') return { samples: new Float64Array(3_000 * RATE_PER_MS), beepEndsAt: null };
  const gap = pause(random.between(200, 1_000)).samples;
  const beep = beepOf(random.between(620, 2_000), random.between(200, 900), random.between(-20, -8));
  const samples = joined([gap, beep, new Float64Array(2_500 * RATE_PER_MS)]);
  return { samples, beepEndsAt: gap.length + beep.length };
};

const answerOf = async (style: AnswerStyle, setting: Setting, voices: Float64Array[]): Promise<Answer> => {
  const { random, language } = setting;
  const pieces = await piecesOf(style, setting);
  const speech = joined(pieces.map(({ samples }) => samples));
  if (style !== 'silence') voices.push(speech);
  const levelDb = random.between(-26, -14);
  const { samples, beepEndsAt } = afterSpeech(style, random);
  const noise = voices.length === 0 ? 'white' : random.pick(NOISES);
  const noiseDb = style === 'silence' ? random.between(-60, -35) : levelDb - random.between(10, 30);
  const codec = random.pick(['PCMU', 'PCMA'] as const);
  return {
    ...{ label: LABELS[style], style, language, noise },
    pcm: overLine(joined([atLevel(speech, levelDb), samples]), { noise, noiseDb, codec, voices, random }),
    words: wordsOf(pieces),
    beepEndsMs: beepEndsAt === null ? null : (speech.length + beepEndsAt) / RATE_PER_MS,
  };
};

/** One half of the set; takes about a minute, for which espeak-ng speaks. */
export const answersOf = async (half: Half): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  const random = createRandom(SEEDS[half]);
  const voices: Float64Array[] = [];
  for (const language of Object.keys(SENTENCES))
    for (const [style, count] of Object.entries(COUNTS) as [AnswerStyle, number][])
      for (let nth = 0; nth < count; nth += 1) answers.push(await answerOf(style, { half, language, random }, voices));
  return answers;
};
