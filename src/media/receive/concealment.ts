/** Stands in for lost frames: the last one, fading, then silence. */

export type Concealment = {
  remember(pcm: Int16Array, count: number): void;
  /**
   * Gives replacement frames of the length of the last packet, at most half a second: for a few lost packets always,
   * for more only as many as the time since the last packet holds, because a sequence may jump without loss.
   */
  conceal(packets: number, elapsedMs: number, give: (pcm: Int16Array, count: number) => void): void;
};

const MAX_PACKETS = 25;
const FEW = 3;
const GAINS = [0.7, 0.4, 0.15];
const MAX_SAMPLES = 480;

export const createConcealment = (): Concealment => {
  const last = new Int16Array(MAX_SAMPLES);
  let length = 160;
  const faded = new Int16Array(MAX_SAMPLES);
  return {
    remember: (pcm, count) => {
      length = Math.min(count, MAX_SAMPLES);
      for (let index = 0; index < length; index += 1) last[index] = pcm[index]!;
    },
    conceal: (packets, elapsedMs, give) => {
      const missed = Math.floor((elapsedMs * 8) / Math.max(1, length));
      const count = Math.min(packets, MAX_PACKETS, packets <= FEW ? packets : missed);
      for (let packet = 0; packet < count; packet += 1) {
        const gain = GAINS[packet] ?? 0;
        for (let index = 0; index < length; index += 1) faded[index] = last[index]! * gain;
        give(faded, length);
      }
    },
  };
};
