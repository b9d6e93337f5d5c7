/** Stands in for lost frames: the last one, fading, then silence. */

export type Concealment = {
  remember(pcm: Int16Array, count: number): void;
  /** Gives `packets` replacement frames of the length of the last packet, at most half a second. */
  conceal(packets: number, give: (pcm: Int16Array, count: number) => void): void;
};

const MAX_PACKETS = 25;
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
    conceal: (packets, give) => {
      for (let packet = 0; packet < Math.min(packets, MAX_PACKETS); packet += 1) {
        const gain = GAINS[packet] ?? 0;
        for (let index = 0; index < length; index += 1) faded[index] = last[index]! * gain;
        give(faded, length);
      }
    },
  };
};
