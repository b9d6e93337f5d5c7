/** For how long a media worker may stand still before it counts as lost. */

const FIRST_MS = 1_000;
const LONGEST_MS = 8_000;
/** One that is lost so soon after the one before it may have had too much to take up again, rather than a fault. */
const SOON_MS = 15_000;

export type Patience = {
  /** Milliseconds. */
  stillMs(): number;
  /** A worker was lost now. */
  lose(): void;
};

/** Doubled with each loss in a row: replacing a busy worker gives the next one more to do. `now` in milliseconds. */
export const createPatience = (now: () => number): Patience => {
  let lostAt = Number.NEGATIVE_INFINITY;
  let patienceMs = FIRST_MS;
  return {
    stillMs: () => (now() - lostAt < SOON_MS ? patienceMs : FIRST_MS),
    lose: () => {
      const isSoon = now() - lostAt < SOON_MS;
      patienceMs = Math.min(LONGEST_MS, isSoon ? patienceMs * 2 : FIRST_MS * 2);
      lostAt = now();
    },
  };
};
