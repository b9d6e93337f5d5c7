/**
 * The clock of all sending: a tick every 5 ms from one monotonic origin, each call on one tick in four. Late ticks are
 * made up for at once but never in a burst: a call rides at most once however long the thread was held up (M1).
 */
export const TICK_MS = 5;
export const TICKS_PER_FRAME = 4;

export type WheelRider = {
  /** `tick` counts 5 ms steps since the wheel's origin; it grows by four for each frame that was not missed. */
  ride(tick: number, nowMs: number): void;
};

export type PacingWheel = {
  /** Puts a rider on the emptiest of the four slots. */
  add(rider: WheelRider): Disposable;
  /** Does everything due at `nowMs`; returns when it wants to be called next, or null when nobody rides. */
  advance(nowMs: number): number | null;
  riders(): number;
};

export const createPacingWheel = (originMs: number): PacingWheel => {
  const slots: WheelRider[][] = [[], [], [], []];
  let done = -1;
  const riders = (): number => slots.reduce((sum, slot) => sum + slot.length, 0);

  return {
    add: (rider) => {
      const at = slots.reduce((best, slot, index) => (slot.length < slots[best]!.length ? index : best), 0);
      slots[at] = [...slots[at]!, rider];
      return {
        [Symbol.dispose]: () => {
          slots[at] = slots[at]!.filter((other) => other !== rider);
        },
      };
    },
    advance: (nowMs) => {
      const due = Math.floor((nowMs - originMs) / TICK_MS);
      for (let tick = Math.max(done + 1, due - TICKS_PER_FRAME + 1); tick <= due; tick += 1) {
        done = tick;
        for (const rider of slots[tick % TICKS_PER_FRAME]!) rider.ride(tick, nowMs);
      }
      return riders() === 0 ? null : originMs + (done + 1) * TICK_MS;
    },
    riders,
  };
};
