/** Listens for who has answered, once it is asked to, and tells what it finds as facts. */
import type { MediaFact } from '#domain/media-protocol.ts';
import { createCalleeDetector, type CalleeDetector } from './callee-detector.ts';

export type CalleeEar = {
  begin(languages: readonly string[], isUrgent: boolean): void;
  /** 8 kHz audio in order, from the callee. */
  push(pcm: Int16Array, count: number, agent: { isAudible: boolean; levelDb: number }): void;
  /** What the model has understood of the callee is among it. */
  note(fact: MediaFact): void;
};

type Deps = {
  tell: (fact: MediaFact) => void;
  /** Milliseconds on the recording's clock. */
  clock: () => number;
  /** What the callee says must be known now. */
  hearOut: () => void;
};

export const createCalleeEar = ({ tell, clock, hearOut }: Deps): CalleeEar => {
  let detector: CalleeDetector | null = null;
  let isUrgent = false;
  return {
    begin: (languages, hasUrgency) => {
      isUrgent = hasUrgency;
      detector = createCalleeDetector(languages, {
        detected: (verdict) => tell({ type: 'callee.detected', ...verdict, atMs: clock() }),
        beeped: (frequencyHz) => tell({ type: 'callee.beeped', frequencyHz, atMs: clock() }),
      });
    },
    push: (pcm, count, agent) => {
      detector?.push(pcm, count, agent);
      if (!isUrgent || detector?.mustBeRead() !== true) return;
      isUrgent = false;
      hearOut();
    },
    note: (fact) => {
      if (fact.type === 'transcript.callerSaid') detector?.read(fact.text);
    },
  };
};
