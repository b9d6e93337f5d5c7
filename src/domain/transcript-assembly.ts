/** Joins the pieces of transcription that the model sends into turns, and cuts what was not heard. Pure. */
import type { LegFact, TranscriptFact } from './leg-facts.ts';
import type { Speaker, TranscriptSegment } from './transcript.ts';

type Piece = { text: string; audioOffsetMs: number };

type OpenSegment = {
  index: number;
  speaker: Speaker;
  pieces: Piece[];
  startMs: number;
  endMs: number;
  /** Agent audio of the turn that was heard; everything until the turn has ended. */
  heardMs: number;
  interrupted: boolean;
  /** As last given out, so that nothing is given out twice unchanged. */
  given: string;
};

export type TranscriptAssembly = {
  nextIndex: number;
  /** By turn: a late piece of an earlier turn changes that turn's segment, not the present one. */
  segments: Map<string, OpenSegment>;
  callerStartedMs: number | null;
};

/** Turns kept for late pieces; older ones are settled. */
const OPEN_TURNS = 8;
const GREETING_TURN = 1;

export const createTranscriptAssembly = (nextIndex = 0): TranscriptAssembly => ({
  nextIndex,
  segments: new Map(),
  callerStartedMs: null,
});

/** Takes one fact; returns the segments that are finished or changed after having been finished. */
export const assemble = (assembly: TranscriptAssembly, fact: TranscriptFact | LegFact): TranscriptSegment[] => {
  switch (fact.type) {
    case 'caller.startedSpeaking':
      assembly.callerStartedMs ??= fact.atMs;
      return [];
    case 'caller.stoppedSpeaking':
      extend(find(assembly, 'user', latestTurn(assembly)), fact.atMs);
      return [];
    case 'agent.startedSpeaking':
      startAt(find(assembly, 'agent', fact.turn), fact.atMs);
      return finished(find(assembly, 'user', fact.turn));
    case 'agent.stoppedSpeaking':
      extend(find(assembly, 'agent', fact.turn), fact.atMs);
      return [];
    case 'playout.flushed':
      cutAt(find(assembly, 'agent', fact.turn), fact);
      return [];
    case 'transcript.callerSaid':
      return callerSaid(assembly, fact);
    case 'transcript.agentSaid':
      addPiece(open(assembly, 'agent', fact.turn, fact.atMs), fact.text, fact.audioOffsetMs);
      return finished(find(assembly, 'user', fact.turn));
    case 'playout.heard':
      return fact.turn === GREETING_TURN ? heardSoFar(find(assembly, 'agent', fact.turn), fact.heardMs) : [];
    case 'transcript.turnEnded':
      return turnEnded(assembly, fact);
    default:
      return [];
  }
};

/** Everything that is still open, for the end of the call. */
export const flushTranscript = (assembly: TranscriptAssembly): TranscriptSegment[] => {
  const rest = [...assembly.segments.values()].flatMap(finished);
  assembly.segments.clear();
  return rest;
};

const callerSaid = (
  assembly: TranscriptAssembly,
  fact: Extract<TranscriptFact, { type: 'transcript.callerSaid' }>,
): TranscriptSegment[] => {
  const segment = open(assembly, 'user', fact.turn, assembly.callerStartedMs ?? fact.atMs);
  assembly.callerStartedMs = null;
  addPiece(segment, fact.text, 0);
  extend(segment, fact.atMs);
  // A piece that comes after the answer has begun belongs to a turn that is over already.
  return find(assembly, 'agent', fact.turn) ? finished(segment) : [];
};

/** Whoever takes the call over must know how far it was greeted, though nobody was there to finish that. */
const heardSoFar = (segment: OpenSegment | undefined, heardMs: number): TranscriptSegment[] => {
  if (!segment) return [];
  const heard = { ...segment, heardMs: Math.min(heardMs, segment.heardMs), interrupted: true };
  const given = finished({ ...heard, endMs: segment.startMs + heard.heardMs });
  if (given.length > 0) segment.given = '';
  return given;
};

const turnEnded = (
  assembly: TranscriptAssembly,
  fact: Extract<TranscriptFact, { type: 'transcript.turnEnded' }>,
): TranscriptSegment[] => {
  const agent = find(assembly, 'agent', fact.turn);
  if (agent) {
    agent.interrupted = fact.interrupted;
    if (fact.interrupted) agent.heardMs = fact.heardMs;
    extend(agent, fact.atMs);
  }
  return [...finished(find(assembly, 'user', fact.turn)), ...finished(agent)];
};

const keyOf = (speaker: Speaker, turn: number) => `${turn}:${speaker}`;

const find = (assembly: TranscriptAssembly, speaker: Speaker, turn: number) =>
  assembly.segments.get(keyOf(speaker, turn));

const latestTurn = (assembly: TranscriptAssembly) =>
  Number(([...assembly.segments.keys()].at(-1) ?? '0:').split(':')[0]);

const open = (assembly: TranscriptAssembly, speaker: Speaker, turn: number, startMs: number): OpenSegment => {
  const existing = find(assembly, speaker, turn);
  if (existing) return existing;
  const segment: OpenSegment = {
    index: assembly.nextIndex++,
    speaker,
    pieces: [],
    startMs,
    endMs: startMs,
    heardMs: Number.POSITIVE_INFINITY,
    interrupted: false,
    given: '',
  };
  assembly.segments.set(keyOf(speaker, turn), segment);
  for (const key of assembly.segments.keys()) {
    if (Number(key.split(':')[0]) < turn - OPEN_TURNS) assembly.segments.delete(key);
  }
  return segment;
};

const addPiece = (segment: OpenSegment, text: string, audioOffsetMs: number) => {
  segment.pieces.push({ text, audioOffsetMs });
};

/** Audio of the turn was dropped: what belongs to it was never heard. */
const cutAt = (segment: OpenSegment | undefined, { heardMs, droppedMs }: { heardMs: number; droppedMs: number }) => {
  if (!segment || droppedMs === 0) return;
  segment.heardMs = Math.min(segment.heardMs, heardMs);
  segment.interrupted = true;
  segment.endMs = segment.startMs + segment.heardMs;
};

const startAt = (segment: OpenSegment | undefined, atMs: number) => {
  if (!segment) return;
  segment.startMs = atMs;
  segment.endMs = Math.max(segment.endMs, atMs);
};

const extend = (segment: OpenSegment | undefined, atMs: number) => {
  if (segment) segment.endMs = Math.max(segment.endMs, atMs);
};

const finished = (segment: OpenSegment | undefined): TranscriptSegment[] => {
  if (!segment) return [];
  const text = segment.pieces
    .filter((piece) => piece.audioOffsetMs < segment.heardMs)
    .map((piece) => piece.text)
    .join('')
    .replace(/\s+/gu, ' ')
    .trim();
  if (text === '') return [];
  const { index, speaker, startMs, endMs, interrupted } = segment;
  const whole = { index, speaker, text, startMs, endMs, interrupted };
  const given = JSON.stringify(whole);
  if (given === segment.given) return [];
  segment.given = given;
  return [whole];
};
