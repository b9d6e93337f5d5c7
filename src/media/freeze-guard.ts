/**
 * Notices that this thread stood still for longer than the lease of its process: others may own the calls by now, so
 * nothing may leave until the control thread has looked. Asked before everything that sends, because the timer that
 * keeps the watch may be the last to run when a stopped process goes on.
 */

export type FreezeGuard = {
  /** Looks at the clocks; true from the first gap on until `goOn`. */
  isFrozen(): boolean;
  goOn(): void;
};

type Deps = {
  /** Null: standing still has no consequences. */
  leaseMs: number | null;
  /** Monotonic, and of the day: the first stands still with a machine that is suspended. */
  clock: { now(): number; wall(): number };
  onFrozen: (gapMs: number) => void;
};

export const createFreezeGuard = ({ leaseMs, clock, onFrozen }: Deps): FreezeGuard => {
  let seen = { now: clock.now(), wall: clock.wall() };
  let isFrozen = false;

  const look = (limitMs: number): void => {
    const now = clock.now();
    const wall = clock.wall();
    const gapMs = Math.max(now - seen.now, wall - seen.wall);
    seen.now = now;
    seen.wall = wall;
    if (gapMs <= limitMs || isFrozen) return;
    isFrozen = true;
    onFrozen(Math.round(gapMs));
  };

  return {
    isFrozen: () => {
      if (leaseMs !== null) look(leaseMs);
      return isFrozen;
    },
    goOn: () => {
      seen = { now: clock.now(), wall: clock.wall() };
      isFrozen = false;
    },
  };
};
