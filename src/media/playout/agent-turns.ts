/** Books of the model's turns: what of each came in, what the caller heard, and when each is over. */
import type { MediaFact } from '#domain/media-protocol.ts';

const OCTETS_PER_MS = 8;
/** How long audio of an interrupted turn is dropped when the model never completes the turn. */
export const DROP_MS = 1_000;

type Turn = { received: number; heard: number; isComplete: boolean; isFlushed: boolean };

export type AgentTurns = {
  /** The turn that audio and text of now belong to; begins one when none is open. */
  current(nowMs: number): number;
  /** Turn to name in facts without beginning one. */
  latest(): number;
  /** The model turn that what the caller says now comes before. */
  turnAfterCaller(): number;
  /** Audio of the present turn is not to be played. */
  isDropping(nowMs: number): boolean;
  /** The model has begun to speak and has not finished generating. */
  isGenerating(): boolean;
  received(turn: number, octets: number): void;
  heard(turn: number, octets: number): void;
  heardMs(turn: number): number;
  receivedMs(turn: number): number;
  generationCompleted(): void;
  /** The model ended its turn, or its connection is gone; returns the turn that this concerns. */
  completed(): number;
  /** Queued audio of this turn was thrown away; `dropRest` also drops what is still to come of it. */
  flushed(turn: number, nowMs: number, dropRest: boolean): void;
  /** Ends turns that are complete and played, or whose time to be completed is over. */
  settle(nowMs: number, isQueued: (turn: number) => boolean): void;
};

export const createAgentTurns = (tell: (fact: MediaFact) => void, clock: (nowMs: number) => number): AgentTurns => {
  const turns = new Map<number, Turn>();
  let latest = 0;
  let isOpen = false;
  let isGenerated = false;
  let dropUntil: number | null = null;

  const of = (turn: number): Turn => turns.get(turn) ?? { received: 0, heard: 0, isComplete: true, isFlushed: false };

  const end = (turn: number, nowMs: number): void => {
    const { heard, isFlushed } = of(turn);
    turns.delete(turn);
    const heardMs = heard / OCTETS_PER_MS;
    tell({ type: 'transcript.turnEnded', turn, atMs: clock(nowMs), heardMs, interrupted: isFlushed });
  };

  const giveUpDropping = (nowMs: number): void => {
    if (dropUntil === null || nowMs < dropUntil) return;
    dropUntil = null;
    isOpen = false;
    of(latest).isComplete = true;
  };

  return {
    current: (nowMs) => {
      giveUpDropping(nowMs);
      if (!isOpen) {
        latest += 1;
        isOpen = true;
        isGenerated = false;
        turns.set(latest, { received: 0, heard: 0, isComplete: false, isFlushed: false });
      }
      return latest;
    },
    latest: () => latest,
    turnAfterCaller: () => (isOpen && !of(latest).isFlushed ? latest : latest + 1),
    isDropping: (nowMs) => {
      giveUpDropping(nowMs);
      return dropUntil !== null;
    },
    isGenerating: () => isOpen && !isGenerated && dropUntil === null,
    received: (turn, octets) => {
      of(turn).received += octets;
    },
    heard: (turn, octets) => {
      of(turn).heard += octets;
    },
    heardMs: (turn) => of(turn).heard / OCTETS_PER_MS,
    receivedMs: (turn) => of(turn).received / OCTETS_PER_MS,
    generationCompleted: () => {
      isGenerated = true;
    },
    completed: () => {
      of(latest).isComplete = true;
      isOpen = false;
      dropUntil = null;
      return latest;
    },
    flushed: (turn, nowMs, dropRest) => {
      of(turn).isFlushed = true;
      if (!dropRest || !isOpen || turn !== latest) return;
      dropUntil = nowMs + DROP_MS;
    },
    settle: (nowMs, isQueued) => {
      if (turns.size === 0) return;
      giveUpDropping(nowMs);
      for (const [turn, { isComplete }] of turns) if (isComplete && !isQueued(turn)) end(turn, nowMs);
    },
  };
};
