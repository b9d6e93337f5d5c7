/** Which facts of the media worker concern whom. Pure. */
import type { MediaFact } from './media-protocol.ts';

type FactOf<Prefix extends string> = Extract<MediaFact, { type: `${Prefix}.${string}` }>;

/** Heard by the call itself. */
export type LegFact = FactOf<'leg' | 'media' | 'caller' | 'callee' | 'agent' | 'playout'>;
export type ModelFact = FactOf<'model'>;
export type RecordingFact = FactOf<'recording'>;
export type TranscriptFact = FactOf<'transcript'>;

const startsWith = (fact: MediaFact, ...prefixes: string[]) =>
  prefixes.some((prefix) => fact.type.startsWith(`${prefix}.`));

export const isLegFact = (fact: MediaFact): fact is LegFact =>
  startsWith(fact, 'leg', 'media', 'caller', 'callee', 'agent', 'playout');
export const isModelFact = (fact: MediaFact): fact is ModelFact => startsWith(fact, 'model');
export const isRecordingFact = (fact: MediaFact): fact is RecordingFact => startsWith(fact, 'recording');
export const isTranscriptFact = (fact: MediaFact): fact is TranscriptFact => startsWith(fact, 'transcript');
