/** The last second and a half of a recording: both sides laid on one clock, left the caller, right the agent. */

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
  /** Leaves out what lies before `position`, once the whole window has been taken; returns the samples left out. */
  skipTo(position: number): number;
};

export const WINDOW_SAMPLES = 12_800;

export const createStereoTimeline = (start: number): StereoTimeline => {
  const ring = new Int16Array(WINDOW_SAMPLES * 2);
  // Every platform that Node runs on is little-endian, as WAV is.
  const bytes = new Uint8Array(ring.buffer);
  let first = start;

  const move = (at: number, samples: number, out: Buffer, to: number): void => {
    const piece = bytes.subarray(at * 4, (at + samples) * 4);
    out.set(piece, to);
    piece.fill(0);
  };

  return {
    write: (side, position, pcm, count) => {
      const from = Math.max(position, first);
      const to = Math.min(position + count, first + WINDOW_SAMPLES);
      let slot = from % WINDOW_SAMPLES;
      for (let index = from - position; index < to - position; index += 1) {
        ring[slot * 2 + side] = pcm[index]!;
        slot = slot + 1 === WINDOW_SAMPLES ? 0 : slot + 1;
      }
    },
    start: () => first,
    take: (end, out) => {
      const to = Math.min(end, first + WINDOW_SAMPLES);
      const samples = Math.max(0, to - first);
      const at = first % WINDOW_SAMPLES;
      const beforeEnd = Math.min(samples, WINDOW_SAMPLES - at);
      move(at, beforeEnd, out, 0);
      move(0, samples - beforeEnd, out, beforeEnd * 4);
      first += samples;
      return samples * 4;
    },
    skipTo: (position) => {
      const samples = Math.max(0, position - first);
      first += samples;
      return samples;
    },
  };
};
