/**
 * Tells a person from an answering machine and from a screening service, by the timing of their speech, by the beep and
 * by what they say. Each verdict may be taken back by a later one. Pure.
 */
import { phrasesIn, plainWords } from '#domain/answering-phrases.ts';
import type { PhraseKind } from '#domain/answering-words.ts';
import { isPresumption, type CalleeEvidence, type CalleeKind } from '#domain/callee.ts';
import { createBeepDetector } from './beep-detector.ts';
import { createSpeechTiming, type Timing } from './speech-timing.ts';

export type CalleeVerdict = { kind: CalleeKind; by: CalleeEvidence };

export type CalleeEvents = {
  detected(verdict: CalleeVerdict): void;
  /** Each beep, also when the verdict is there already: a message may begin. */
  beeped(frequencyHz: number): void;
};

export type CalleeDetector = {
  /** Takes 8 kHz audio in order, from the answer on. */
  push(pcm: Int16Array, count: number, agent: { isAudible: boolean; levelDb: number }): void;
  /** A piece of the transcript of what the callee says. */
  read(text: string): void;
  /** They speak for so long that what they say must be known, whatever the agent is saying. */
  mustBeRead(): boolean;
};

/** A person who says their name, or a shop that says its own, is done by then and waits. */
const LONGEST_HELLO_MS = 2_600;
const HELLO_PAUSE_MS = 900;
/** Whoever answers for a business speaks longer, and waits as well. */
const GREETING_PAUSE_MS = 1_300;
/** Most people who answer have paused by then; those who greet for a business do so later, and are believed then. */
const PRESUMED_MACHINE_MS = 2_800;
/** Nobody who answers goes on for so long without a pause. */
const MACHINE_SPEECH_MS = 8_000;
const READ_AFTER_MS = 1_000;
/** What a machine says is known by then; later words are those of a conversation. */
const GREETING_ENDS_MS = 15_000;
/** Its beep may take longer. */
const BEEP_BY_MS = 60_000;

const speaksFor = ({ stretchMs, pauseMs }: Timing, ms: number): boolean => stretchMs >= ms && pauseMs === 0;

const waitsForUs = ({ stretchMs, pauseMs }: Timing, isPresumed: boolean): boolean =>
  stretchMs > 0 && pauseMs >= (stretchMs <= LONGEST_HELLO_MS && !isPresumed ? HELLO_PAUSE_MS : GREETING_PAUSE_MS);

/** Whoever has asked who calls may speak of a mailbox as well. */
const kindSaid = (found: ReadonlySet<PhraseKind>, before: CalleeKind | undefined): CalleeKind | null => {
  if (found.has('mailbox') && before !== 'screener') return 'machine';
  return (['screener', 'machine', 'human'] as const).find((kind) => found.has(kind)) ?? null;
};

/** Whether what is told now adds nothing to the verdict. */
const isKnown = (verdict: CalleeVerdict | null, kind: CalleeKind, by: CalleeEvidence): boolean =>
  verdict?.kind === kind && (!isPresumption(verdict.by) || isPresumption(by));

export const createCalleeDetector = (languages: readonly string[], events: CalleeEvents): CalleeDetector => {
  const beeps = createBeepDetector();
  const speech = createSpeechTiming();
  let text = '';
  let verdict: CalleeVerdict | null = null;
  let isPerson = false;
  let isPolite = false;

  const decide = (kind: CalleeKind, by: CalleeEvidence): void => {
    if (isKnown(verdict, kind, by)) return;
    verdict = { kind, by };
    events.detected(verdict);
  };

  /** What is said after a pause is an answer to us, and may be long. */
  const longestMs = (): number => (verdict === null && !isPolite ? PRESUMED_MACHINE_MS : MACHINE_SPEECH_MS);

  const judgeTiming = (timing: Timing): void => {
    if (timing.heardMs > GREETING_ENDS_MS || (verdict !== null && !isPresumption(verdict.by))) return;
    if (!isPerson && speaksFor(timing, longestMs())) decide('machine', 'timing');
    else if (verdict?.kind !== 'human' && waitsForUs(timing, verdict !== null)) decide('human', 'timing');
  };

  const judgeWords = (found: ReadonlySet<PhraseKind>): void => {
    const kind = kindSaid(found, verdict?.kind);
    if (kind !== null) decide(kind, 'phrase');
    else if (found.has('perhapsMachine') && verdict?.kind !== 'human') decide('machine', 'hint');
  };

  return {
    push: (pcm, count, agent) => {
      if (speech.timing().heardMs > BEEP_BY_MS) return;
      speech.push(pcm, count, agent);
      const beep = beeps.push(pcm, count);
      if (beep !== null) {
        decide('machine', 'beep');
        events.beeped(beep.frequencyHz);
        return;
      }
      judgeTiming(speech.timing());
    },
    read: (piece) => {
      if (speech.timing().heardMs > GREETING_ENDS_MS || verdict?.by === 'beep') return;
      text += piece;
      const found = phrasesIn(plainWords(text), languages);
      isPerson ||= found.has('human');
      isPolite ||= found.has('business');
      judgeWords(found);
    },
    mustBeRead: () => speech.timing().speechMs >= READ_AFTER_MS,
  };
};
