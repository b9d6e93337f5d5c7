/** Plays an answer to the detector as a call would, and says what came of it. */
import { ACT_AFTER_MS, isPresumption, PRESUMED_FOR_MS, type CalleeEvidence, type CalleeKind } from '#domain/callee.ts';
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
/** How long a verdict of each evidence stands before something is done about a machine. */
const STANDS_MS: Readonly<Record<CalleeEvidence, number>> = {
  ...{ timing: PRESUMED_FOR_MS + ACT_AFTER_MS, hint: PRESUMED_FOR_MS + ACT_AFTER_MS, phrase: ACT_AFTER_MS, beep: 0 },
};

export type Judgement = {
  answer: Answer;
  /** In the end. */
  verdict: CalleeKind | 'undecided';
  /** Held to be a machine for so long that something was done about it. */
  wasActedOn: boolean;
  /** Held to be a machine, if only for a time. */
  wasPresumed: boolean;
  /** From then on it was held to be what it is, until it was acted on or the answer was over. */
  foundMs: number | null;
  /** From then on this was no presumption. */
  certainMs: number | null;
};

type Change = { kind: CalleeKind; by: CalleeEvidence; atMs: number };

/** `recognitionMs`: null without a transcript, by what is heard alone. */
export type Hearing = { recognitionMs: number | null; seed: number };

const changesOf = (answer: Answer, { recognitionMs, seed }: Hearing): Change[] => {
  const { pcm, words, language } = answer;
  const random = createRandom(seed);
  const heard = recognitionMs === null ? [] : words.filter(() => random.next() >= LOST_WORDS);
  const changes: Change[] = [];
  let atMs = 0;
  let readFromMs = GREETED_MS;
  let read = 0;
  const detector = createCalleeDetector([language], {
    detected: (verdict) => changes.push({ ...verdict, atMs }),
    beeped: () => undefined,
  });
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    atMs += FRAME_MS;
    detector.push(pcm.subarray(at, at + FRAME), FRAME, NO_AGENT);
    if (detector.mustBeRead()) readFromMs = Math.min(readFromMs, atMs);
    for (let word = heard[read]; word !== undefined; word = heard[read]) {
      if (Math.max(word.atMs, readFromMs) + (recognitionMs ?? 0) > atMs) break;
      detector.read(word.text);
      read += 1;
    }
  }
  return changes;
};

/** The first machine verdict that stood for long enough; better evidence for the same verdict counts from its own time. */
const actedOnAt = (changes: readonly Change[]): number | null => {
  const acted = changes.find(
    ({ kind, by, atMs }, index) =>
      kind === 'machine' && (changes[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) - atMs >= STANDS_MS[by],
  );
  return acted === undefined ? null : acted.atMs + STANDS_MS[acted.by];
};

/** The first of those changes at the end that are all of this kind. */
const standingFrom = (changes: readonly Change[], kind: CalleeKind): number => {
  const before = changes.findLastIndex((change) => change.kind !== kind);
  return before + 1;
};

export const judge = (answer: Answer, hearing: Hearing): Judgement => {
  const all = changesOf(answer, hearing);
  const endMs = answer.pcm.length / RATE_PER_MS;
  const actedMs = actedOnAt(all);
  const changes = all.filter(({ atMs }) => atMs <= (actedMs ?? endMs));
  const standing = changes.slice(standingFrom(changes, answer.label));
  return {
    answer,
    verdict: changes.at(-1)?.kind ?? 'undecided',
    wasActedOn: actedMs !== null,
    wasPresumed: changes.some(({ kind }) => kind === 'machine'),
    foundMs: standing[0]?.atMs ?? null,
    certainMs: standing.find(({ by }) => !isPresumption(by))?.atMs ?? null,
  };
};
