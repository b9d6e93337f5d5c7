/** Plays an answer to the detector as a call would, and says what came of it. */
import { ACT_AFTER_MS, type CalleeKind } from '#domain/callee.ts';
import { createCalleeDetector } from '#media/detection/callee-detector.ts';
import type { Answer } from './answers.ts';
import { createRandom } from './random.ts';
import { RATE_PER_MS } from './voices.ts';

/** What is not measured here but assumed: words are known so long after they were said, and so many are lost. */
export const RECOGNITION_MS = 900;
export const LOST_WORDS = 0.1;
/** The agent greets, and what the callee says is kept from the model until then. */
const GREETED_MS = 4_500;
const FRAME_MS = 20;
const FRAME = FRAME_MS * RATE_PER_MS;
const NO_AGENT = { isAudible: false, levelDb: -90 };

export type Judgement = {
  answer: Answer;
  /** In the end. */
  verdict: CalleeKind | 'undecided';
  /** Held to be a machine for so long that something was done about it. */
  wasActedOn: boolean;
  /** When it was first held to be what it is. */
  foundMs: number | null;
};

type Change = { kind: CalleeKind; atMs: number };

const changesOf = (answer: Answer, isRead: boolean, seed: number): Change[] => {
  const { pcm, words, language } = answer;
  const random = createRandom(seed);
  const heard = isRead ? words.filter(() => random.next() >= LOST_WORDS) : [];
  const changes: Change[] = [];
  let atMs = 0;
  let readFromMs = GREETED_MS;
  let read = 0;
  const detector = createCalleeDetector([language], {
    detected: ({ kind }) => changes.push({ kind, atMs }),
    beeped: () => undefined,
  });
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    atMs += FRAME_MS;
    detector.push(pcm.subarray(at, at + FRAME), FRAME, NO_AGENT);
    if (detector.mustBeRead()) readFromMs = Math.min(readFromMs, atMs);
    for (let word = heard[read]; word !== undefined; word = heard[read]) {
      if (Math.max(word.atMs, readFromMs) + RECOGNITION_MS > atMs) break;
      detector.read(word.text);
      read += 1;
    }
  }
  return changes;
};

/** `isRead`: with the transcript; else by what is heard alone. */
export const judge = (answer: Answer, isRead: boolean, seed: number): Judgement => {
  const changes = changesOf(answer, isRead, seed);
  const endMs = answer.pcm.length / RATE_PER_MS;
  const wasActedOn = changes.some(
    ({ kind, atMs }, index) =>
      kind === 'machine' && (changes[index + 1]?.atMs ?? endMs + ACT_AFTER_MS) - atMs >= ACT_AFTER_MS,
  );
  return {
    answer,
    verdict: changes.at(-1)?.kind ?? 'undecided',
    wasActedOn,
    foundMs: changes.find(({ kind }) => kind === answer.label)?.atMs ?? null,
  };
};
