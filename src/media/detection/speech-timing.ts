/** When the callee speaks and pauses, from the first frame on and in noise: finer than what turns are made of. Pure. */

export type SpeechTiming = {
  /** Takes 8 kHz audio in order. */
  push(pcm: Int16Array, count: number, agent: { isAudible: boolean; levelDb: number }): void;
  timing(): Timing;
};

export type Timing = {
  /** Since the first frame. */
  heardMs: number;
  /** The stretch of speech under way or just over, gaps between words included. */
  stretchMs: number;
  /** Since the last voiced frame; 0 while speaking. */
  pauseMs: number;
  /** Speech that lasted, all stretches together. */
  speechMs: number;
};

const MIN_DB = -42;
const OVER_FLOOR_DB = 9;
/** Voices in the background lie below whoever speaks into the phone. */
const UNDER_PEAK_DB = 12;
const PEAK_FALL_DB_PER_MS = 0.002;
/** An echo of the agent on a decent line lies at least this far below what was sent. */
const ECHO_LOSS_DB = 22;
const FLOOR_WINDOWS = 10;
const FLOOR_WINDOW_MS = 250;
/** A gap that does not end a stretch: people breathe between sentences, and so do those who recorded a greeting. */
const GAP_MS = 900;
/** What is shorter is a click, or a cough. */
const MIN_STRETCH_MS = 120;

const levelOf = (pcm: Int16Array, count: number): number => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += pcm[index]! * pcm[index]!;
  return 10 * Math.log10(sum / count + 1) - 90.3;
};

export const createSpeechTiming = (): SpeechTiming => {
  // Nothing is known of the line at first: what is heard first is its floor, until it is quieter.
  const quietest = new Float32Array(FLOOR_WINDOWS).fill(Number.POSITIVE_INFINITY);
  let window = -1;
  let heardMs = 0;
  let voicedMs = 0;
  let beganAt = 0;
  let lastVoicedAt = Number.NEGATIVE_INFINITY;
  let finishedMs = 0;
  let peakDb = MIN_DB;

  const floorAfter = (db: number): number => {
    const at = Math.floor(heardMs / FLOOR_WINDOW_MS) % FLOOR_WINDOWS;
    if (at !== window) {
      window = at;
      quietest[at] = db;
    } else quietest[at] = Math.min(quietest[at]!, db);
    let floor = quietest[0]!;
    for (let index = 1; index < FLOOR_WINDOWS; index += 1) floor = Math.min(floor, quietest[index]!);
    return floor;
  };

  const stretch = (): number => (voicedMs >= MIN_STRETCH_MS ? lastVoicedAt - beganAt : 0);

  const finish = (): void => {
    finishedMs += stretch();
    voicedMs = 0;
  };

  return {
    push: (pcm, count, agent) => {
      if (count === 0) return;
      const ms = count / 8;
      const db = levelOf(pcm, count);
      const floor = floorAfter(Math.max(db, -75));
      const echo = agent.isAudible ? agent.levelDb - ECHO_LOSS_DB : MIN_DB;
      heardMs += ms;
      peakDb = Math.max(db, peakDb - PEAK_FALL_DB_PER_MS * ms);
      if (db <= Math.max(floor + OVER_FLOOR_DB, peakDb - UNDER_PEAK_DB, MIN_DB, echo)) return;
      if (heardMs - lastVoicedAt > GAP_MS) {
        finish();
        beganAt = heardMs - ms;
      }
      voicedMs += ms;
      lastVoicedAt = heardMs;
    },
    timing: () => ({
      heardMs,
      stretchMs: stretch(),
      pauseMs: Number.isFinite(lastVoicedAt) ? heardMs - lastVoicedAt : heardMs,
      speechMs: finishedMs + stretch(),
    }),
  };
};
