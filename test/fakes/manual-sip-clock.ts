import type { Clock } from '#sip/server/clock.ts';

export type ManualClock = Clock & {
  /** Moves time on and fires what is due, in order. */
  advance(ms: number): void;
  /** Timers that are armed. */
  pending(): number;
};

/** A clock that stands still until it is moved. */
export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let now = startMs;
  let armed: { at: number; fire: () => void }[] = [];

  const nextDue = (until: number): { at: number; fire: () => void } | undefined =>
    armed.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];

  return {
    now: () => now,
    after(delayMs, fire) {
      const timer = { at: now + delayMs, fire };
      armed.push(timer);
      return { cancel: () => void (armed = armed.filter((other) => other !== timer)) };
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        const { at, fire } = timer;
        armed = armed.filter((other) => other !== timer);
        now = at;
        fire();
      }
      now = until;
    },
    pending: () => armed.length,
  };
}
