/** Finds the beep of an answering machine: one steady pure tone, by a bank of Goertzel filters. Pure. */

export type Beep = { frequencyHz: number; durationMs: number };

export type BeepDetector = {
  /** Takes 8 kHz audio in order; tells a beep once, as soon as it is long enough to be one. */
  push(pcm: Int16Array, count: number): Beep | null;
};

const RATE_HZ = 8_000;
const FRAME = 160;
const FRAME_MS = 20;
const BIN_HZ = RATE_HZ / FRAME;
/** Ringing and busy tones lie below; the voices of people, above this, are not pure. */
const LOWEST_BIN = 550 / BIN_HZ;
const HIGHEST_BIN = 2_300 / BIN_HZ;
const BINS = HIGHEST_BIN - LOWEST_BIN + 1;
/** Of the energy of the frame, in the loudest bin and its neighbours; a pure tone has 0.86 of it at the least. */
const MIN_PURITY = 0.72;
const MIN_LEVEL_DB = -42;
const STEADY_DB = 3;
const MIN_FRAMES = 8;

const cosines = Float64Array.from(
  { length: BINS + 2 },
  (_, index) => 2 * Math.cos((2 * Math.PI * (LOWEST_BIN - 1 + index)) / FRAME),
);
const powers = new Float64Array(BINS + 2);

const powerAt = (frame: Int16Array, cosine: number): number => {
  let before = 0;
  let last = 0;
  for (let index = 0; index < FRAME; index += 1) {
    const next = frame[index]! + cosine * last - before;
    before = last;
    last = next;
  }
  return last * last + before * before - cosine * last * before;
};

const energyOf = (frame: Int16Array): number => {
  let sum = 0;
  for (let index = 0; index < FRAME; index += 1) sum += frame[index]! * frame[index]!;
  return sum;
};

type Tone = { bin: number; levelDb: number };

/** The tone that the frame is, if it is one. */
const toneIn = (frame: Int16Array): Tone | null => {
  const energy = energyOf(frame);
  const levelDb = 10 * Math.log10(energy / FRAME + 1) - 90.3;
  if (levelDb < MIN_LEVEL_DB) return null;
  let best = 1;
  for (let index = 0; index < powers.length; index += 1) {
    powers[index] = powerAt(frame, cosines[index]!);
    if (index > 1 && index <= BINS && powers[index]! > powers[best]!) best = index;
  }
  const around = powers[best - 1]! + powers[best]! + powers[best + 1]!;
  // Parseval: of a tone with amplitude A, power is (A·N/2)², energy A²·N/2.
  const purity = (2 * around) / (FRAME * energy);
  return purity < MIN_PURITY ? null : { bin: LOWEST_BIN - 1 + best, levelDb };
};

const goesOn = (tone: Tone, before: Tone): boolean =>
  Math.abs(tone.bin - before.bin) <= 1 && Math.abs(tone.levelDb - before.levelDb) <= STEADY_DB;

export const createBeepDetector = (): BeepDetector => {
  const frame = new Int16Array(FRAME);
  let filled = 0;
  let last: Tone | null = null;
  let frames = 0;

  const take = (): Beep | null => {
    const tone = toneIn(frame);
    frames = tone === null ? 0 : last !== null && goesOn(tone, last) ? frames + 1 : 1;
    last = tone;
    if (tone === null || frames !== MIN_FRAMES) return null;
    return { frequencyHz: tone.bin * BIN_HZ, durationMs: frames * FRAME_MS };
  };

  return {
    push: (pcm, count) => {
      let found: Beep | null = null;
      for (let at = 0; at < count; at += 1) {
        frame[filled] = pcm[at]!;
        filled += 1;
        if (filled < FRAME) continue;
        filled = 0;
        found = take() ?? found;
      }
      return found;
    },
  };
};
