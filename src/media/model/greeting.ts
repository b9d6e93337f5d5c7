/** When the greeting is over: it has been generated and played, or nothing of it comes. */

export type Greeting = {
  ask(nowMs: number): void;
  audioCame(nowMs: number): void;
  /** The model ended its turn; one without audio is all the greeting there will be. */
  turnCompleted(): void;
  isUnderWay(): boolean;
  /** True once, when the caller may be heard. */
  isOver(nowMs: number, speech: { isQueued: boolean; isGenerating: boolean }): boolean;
  /** Ends it without waiting; true when all of it had been generated, so that it must not be asked for again. */
  abandon(isGenerating: boolean): boolean;
};

const NO_AUDIO_MS = 8_000;
const STALLED_MS = 3_000;
const MAX_MS = 60_000;

export const createGreeting = (): Greeting => {
  let state: { askedAt: number; audioAt: number | null; isEmpty: boolean } | null = null;

  const isPlayed = (nowMs: number, audioAt: number, speech: { isQueued: boolean; isGenerating: boolean }): boolean =>
    !speech.isQueued && (!speech.isGenerating || nowMs - audioAt >= STALLED_MS);

  return {
    ask: (nowMs) => {
      state = { askedAt: nowMs, audioAt: null, isEmpty: false };
    },
    audioCame: (nowMs) => {
      if (state !== null) state.audioAt = nowMs;
    },
    turnCompleted: () => {
      if (state !== null && state.audioAt === null) state.isEmpty = true;
    },
    isUnderWay: () => state !== null,
    isOver: (nowMs, speech) => {
      if (state === null) return false;
      const { askedAt, audioAt, isEmpty } = state;
      const isPast = audioAt === null ? nowMs - askedAt >= NO_AUDIO_MS : isPlayed(nowMs, audioAt, speech);
      const isDone = isEmpty || isPast;
      if (!isDone && nowMs - askedAt < MAX_MS) return false;
      state = null;
      return true;
    },
    abandon: (isGenerating) => {
      const wasComplete = state !== null && state.audioAt !== null && !isGenerating;
      state = null;
      return wasComplete;
    },
  };
};
