/** How long to wait before a part that died is started again. Pure. */

const FIRST_MS = 250;
const LONGEST_MS = 8000;
/** A part that lived this long was healthy: it comes back at once (callers are waiting), and the series starts anew. */
const HEALTHY_MS = 5_000;

export type BackOff = {
  /** The next pause, given how long the part lived this time. */
  next(livedMs: number): number;
};

export const createBackOff = (): BackOff => {
  let nextMs = FIRST_MS;
  return {
    next: (livedMs) => {
      if (livedMs >= HEALTHY_MS) {
        nextMs = FIRST_MS;
        return 0;
      }
      const pauseMs = nextMs;
      nextMs = Math.min(pauseMs * 2, LONGEST_MS);
      return pauseMs;
    },
  };
};
