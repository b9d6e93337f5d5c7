/** Time as the SIP server sees it, so that tests can move it by hand. */

export type TimerHandle = { cancel(): void };

export type Clock = {
  /** Wall clock, epoch ms. */
  now(): number;
  /** Calls `fire` once after `delayMs` unless cancelled. */
  after(delayMs: number, fire: () => void): TimerHandle;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
