/** How long callers wait, measured at the media worker. Pure. */
import type { MediaFact } from './media-protocol.ts';

/** Milliseconds. */
export type StageLatency = { min: number; max: number; avg: number; p50: number; p95: number; count: number };

export type CallLatency = {
  /** From the caller's last word to the first packet of the answer. */
  answer: StageLatency;
  /** One way to the other side, from its RTCP reports. */
  networkMs: number | null;
};

/** Newest last. `askedAt`: the caller has stopped speaking and waits. */
export type LatencySamples = { askedAt: number | null; answers: readonly number[] };

export const NO_SAMPLES: LatencySamples = { askedAt: null, answers: [] };

const KEPT = 500;

/** Facts in the order in which the worker told them. */
export const observeFact = (samples: LatencySamples, fact: MediaFact): LatencySamples => {
  switch (fact.type) {
    case 'caller.startedSpeaking':
      return samples.askedAt === null ? samples : { ...samples, askedAt: null };
    case 'caller.stoppedSpeaking':
      return { ...samples, askedAt: fact.atMs };
    case 'agent.startedSpeaking': {
      if (samples.askedAt === null) return samples;
      const answers = [...samples.answers, Math.max(0, fact.atMs - samples.askedAt)].slice(-KEPT);
      return { askedAt: null, answers };
    }
    default:
      return samples;
  }
};

const rounded = (value: number): number => Math.round(value * 10) / 10;

const EMPTY: StageLatency = { min: 0, max: 0, avg: 0, p50: 0, p95: 0, count: 0 };

export const summarise = (values: readonly number[]): StageLatency => {
  if (values.length === 0) return EMPTY;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    min: rounded(sorted[0] ?? 0),
    max: rounded(sorted.at(-1) ?? 0),
    avg: rounded(sum / sorted.length),
    p50: rounded(at(0.5)),
    p95: rounded(at(0.95)),
    count: sorted.length,
  };
};
