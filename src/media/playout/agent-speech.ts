/** What the agent says on one call: queued as it comes, handed out frame by frame, emptied on a barge-in. */
import type { MediaFact } from '#domain/media-protocol.ts';
import type { AudioCodec } from '#media/codec/g711.ts';
import { createAgentTurns, type AgentTurns } from './agent-turns.ts';
import { createPlayoutQueue, FRAME_OCTETS } from './playout-queue.ts';

export type AgentSpeech = {
  turns: AgentTurns;
  /** Queues model audio, 8 kHz. */
  push(pcm8k: Int16Array, count: number, nowMs: number): void;
  /** Fills one frame of octets and the same frame as samples; false when it is comfort silence. */
  pull(octets: Uint8Array, pcm: Int16Array, nowMs: number): boolean;
  /** Stands in for `pull` while nothing may be sent: turns that are over still end. */
  rest(nowMs: number): void;
  flush(by: 'model' | 'onset' | 'command', nowMs: number): void;
  /** The model ended its turn, or its connection is gone; returns the turn that this concerns. */
  complete(nowMs: number): number;
  /** Tells `playout.drained` as soon as nothing waits and the model is not in the middle of saying more. */
  drain(nowMs: number): void;
  isQueued(): boolean;
  /** Agent audio is waiting or left within the last frames. */
  isAudible(nowMs: number): boolean;
  /** Loudest recent frame, dBFS. */
  levelDb(): number;
  setCodec(codec: AudioCodec): void;
};

type Deps = {
  codec: AudioCodec;
  tell: (fact: MediaFact) => void;
  /** Milliseconds on the recording's clock. */
  clock: (nowMs: number) => number;
};

/** Five minutes: a model that talks on for longer than that is cut. */
const MAX_QUEUED_OCTETS = 5 * 60 * 8_000;
/** A rest smaller than a frame waits this long for more, then leaves filled up with silence. */
const PARTIAL_WAIT_MS = 40;
const MORE_WAIT_MS = 500;
const STRETCH_GAP_MS = 100;
const AUDIBLE_TAIL_MS = 60;
const HEARD_EVERY_MS = 1_000;
/** Mean square of a frame that counts as voiced, about -50 dBFS. */
const VOICED_ENERGY = 10_000;
const LEVEL_DECAY_DB = 0.5;
const QUIET_DB = -90;

const energyOf = (pcm: Int16Array, count: number): number => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += pcm[index]! * pcm[index]!;
  return sum / count;
};

export const createAgentSpeech = ({ codec, tell, clock }: Deps): AgentSpeech => {
  const queue = createPlayoutQueue(MAX_QUEUED_OCTETS);
  const turns = createAgentTurns(tell, clock);
  const isQueuedTurn = (turn: number): boolean => queue.octetsOf(turn) > 0;
  let encoded = new Uint8Array(0);
  let pushedAt = 0;
  let playedAt = Number.NEGATIVE_INFINITY;
  let stretch: { turn: number; lastVoicedMs: number } | null = null;
  let heardToldAt = 0;
  let isDraining = false;
  let levelDb = QUIET_DB;

  const endStretch = (): void => {
    if (stretch === null) return;
    tell({ type: 'agent.stoppedSpeaking', turn: stretch.turn, atMs: stretch.lastVoicedMs });
    stretch = null;
  };

  const noteStretch = (turn: number, energy: number, nowMs: number): void => {
    if (stretch !== null && stretch.turn !== turn) endStretch();
    if (energy < VOICED_ENERGY) return;
    const atMs = clock(nowMs);
    if (stretch === null) {
      stretch = { turn, lastVoicedMs: atMs + 20 };
      heardToldAt = nowMs;
      tell({ type: 'agent.startedSpeaking', turn, atMs });
    } else stretch.lastVoicedMs = atMs + 20;
  };

  const noteHeard = (turn: number, nowMs: number): void => {
    if (nowMs - heardToldAt < HEARD_EVERY_MS) return;
    heardToldAt = nowMs;
    tell({ type: 'playout.heard', turn, heardMs: turns.heardMs(turn) });
  };

  const isFrameReady = (nowMs: number): boolean => {
    const octets = queue.octets();
    if (octets >= FRAME_OCTETS) return true;
    return octets > 0 && (!turns.isGenerating() || nowMs - pushedAt >= PARTIAL_WAIT_MS);
  };

  /** A model that is in the middle of a turn may have more to say, though nothing waits this moment. */
  const isMoreLikely = (nowMs: number): boolean => turns.isGenerating() && nowMs - pushedAt < MORE_WAIT_MS;

  const tellDrained = (nowMs: number): void => {
    if (!isDraining || queue.octets() > 0 || isMoreLikely(nowMs)) return;
    isDraining = false;
    tell({ type: 'playout.drained' });
  };

  const rest = (nowMs: number): void => {
    if (stretch !== null && nowMs - playedAt >= STRETCH_GAP_MS) endStretch();
    turns.settle(nowMs, isQueuedTurn);
    tellDrained(nowMs);
  };

  return {
    turns,
    push: (pcm8k, count, nowMs) => {
      const isDropped = turns.isDropping(nowMs);
      const turn = turns.current(nowMs);
      turns.received(turn, count);
      if (isDropped) return;
      if (encoded.length < count) encoded = new Uint8Array(Math.max(count, 1_600));
      pushedAt = nowMs;
      queue.push(encoded, codec.encode(pcm8k, count, encoded), turn);
    },
    pull: (octets, pcm, nowMs) => {
      levelDb = Math.max(QUIET_DB, levelDb - LEVEL_DECAY_DB);
      const turn = isFrameReady(nowMs) ? queue.turn() : null;
      if (turn === null) {
        octets.fill(codec.silence);
        pcm.fill(0);
        rest(nowMs);
        return false;
      }
      const count = queue.pop(octets);
      if (count < FRAME_OCTETS) octets.fill(codec.silence, count, FRAME_OCTETS);
      codec.decode(octets, 0, FRAME_OCTETS, pcm);
      const energy = energyOf(pcm, FRAME_OCTETS);
      levelDb = Math.max(levelDb, 10 * Math.log10(energy + 1) - 90.3);
      turns.heard(turn, count);
      playedAt = nowMs;
      noteStretch(turn, energy, nowMs);
      noteHeard(turn, nowMs);
      turns.settle(nowMs, isQueuedTurn);
      tellDrained(nowMs);
      return true;
    },
    rest,
    flush: (by, nowMs) => {
      const turn = queue.turn() ?? turns.latest();
      const lost = queue.clear();
      const droppedMs = lost.reduce((sum, { octets }) => sum + octets, 0) / 8;
      const isCut = droppedMs > 0 || (by !== 'command' && turns.isGenerating());
      const heardMs = turns.heardMs(turn);
      const dropRest = by !== 'command';
      for (const part of lost) turns.flushed(part.turn, nowMs, dropRest);
      if (isCut && dropRest) turns.flushed(turns.latest(), nowMs, true);
      endStretch();
      if (isCut || by === 'command') tell({ type: 'playout.flushed', turn, heardMs, droppedMs, by });
      turns.settle(nowMs, isQueuedTurn);
      tellDrained(nowMs);
    },
    complete: (nowMs) => {
      const turn = turns.completed();
      turns.settle(nowMs, isQueuedTurn);
      return turn;
    },
    drain: (nowMs) => {
      isDraining = true;
      tellDrained(nowMs);
    },
    isQueued: () => queue.octets() > 0,
    isAudible: (nowMs) => queue.octets() > 0 || nowMs - playedAt < AUDIBLE_TAIL_MS,
    levelDb: () => levelDb,
    setCodec: (next) => {
      if (next.name === codec.name) return;
      codec = next;
      // What waits is in the old code; a codec change in mid-sentence costs the rest of it.
      queue.clear();
    },
  };
};
