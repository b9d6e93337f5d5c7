/** The last two seconds of a recording: both sides laid on one clock, left the caller, right the agent. */

export const CALLER = 0;
export const AGENT = 1;
export type Side = typeof CALLER | typeof AGENT;

export type StereoTimeline = {
  /** Lays samples at a position (samples since the origin); what lies outside the window is left out. */
  write(side: Side, position: number, pcm: Int16Array, count: number): void;
  /** First position that has not been taken yet. */
  start(): number;
  /** Moves everything before `end` into `out`, interleaved little-endian; returns the number of octets. */
  take(end: number, out: Buffer): number;
};

export const WINDOW_SAMPLES = 16_384;

export const createStereoTimeline = (start: number): StereoTimeline => {
  const ring = new Int16Array(WINDOW_SAMPLES * 2);
  let first = start;

  return {
    write: (side, position, pcm, count) => {
      const from = Math.max(position, first);
      const to = Math.min(position + count, first + WINDOW_SAMPLES);
      for (let at = from; at < to; at += 1) ring[(at % WINDOW_SAMPLES) * 2 + side] = pcm[at - position]!;
    },
    start: () => first,
    take: (end, out) => {
      const to = Math.min(end, first + WINDOW_SAMPLES);
      const samples = Math.max(0, to - first);
      for (let index = 0; index < samples; index += 1) {
        const at = ((first + index) % WINDOW_SAMPLES) * 2;
        out.writeInt16LE(ring[at]!, index * 4);
        out.writeInt16LE(ring[at + 1]!, index * 4 + 2);
        ring[at] = 0;
        ring[at + 1] = 0;
      }
      first += samples;
      return samples * 4;
    },
  };
};
