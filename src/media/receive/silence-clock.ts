/** Says when silence must stand in for audio that does not come, so that the model hears a stream on the clock (M8). */

export type SilenceClock = {
  begin(nowMs: number): void;
  /** Audio of this length arrived; the next packet is expected when it has been spoken. */
  heard(nowMs: number, lengthMs: number): void;
  /** The peer announced a pause (comfort noise): silence is due at once. */
  pause(): void;
  /** Frames of 20 ms to fill in now; to be asked for each frame. */
  due(nowMs: number): number;
  /** Frames filled in since audio was last heard. */
  filledFrames(): number;
  /** Time up to `nowMs` that neither audio nor silence stands for. */
  gapMs(nowMs: number): number;
};

const FRAME_MS = 20;
/** Longer than a gap is waited for, so that mere jitter never has silence put between its packets. */
const PATIENCE_MS = 80;
/** This thread was held up: the packets of that time still wait in the socket. */
const STALL_MS = 60;
const MAX_FRAMES = 50;

export const createSilenceClock = (): SilenceClock => {
  let fedAt: number | null = null;
  let patienceMs = PATIENCE_MS + FRAME_MS;
  let isPausing = false;
  let filled = 0;
  let askedAt = Number.POSITIVE_INFINITY;

  return {
    begin: (nowMs) => {
      fedAt ??= nowMs;
    },
    heard: (nowMs, lengthMs) => {
      fedAt = nowMs;
      patienceMs = PATIENCE_MS + lengthMs;
      isPausing = false;
      filled = 0;
    },
    pause: () => {
      isPausing = true;
    },
    due: (nowMs) => {
      const wasStalled = nowMs - askedAt > STALL_MS;
      askedAt = nowMs;
      if (fedAt === null || wasStalled) return 0;
      const lag = nowMs - fedAt;
      if (lag < (isPausing ? FRAME_MS : patienceMs)) return 0;
      isPausing = true;
      const frames = Math.floor(lag / FRAME_MS);
      fedAt += frames * FRAME_MS;
      filled += frames;
      return Math.min(frames, MAX_FRAMES);
    },
    filledFrames: () => filled,
    gapMs: (nowMs) => (fedAt === null ? 0 : Math.max(0, nowMs - fedAt - FRAME_MS / 2)),
  };
};
