/** Turns the pacing wheel with one self-correcting timer, which rests while nobody rides. */
import { createPacingWheel, type WheelRider } from './pacing-wheel.ts';

export type RunningWheel = Disposable & {
  readonly originMs: number;
  add(rider: WheelRider): Disposable;
};

export const runPacingWheel = (now: () => number): RunningWheel => {
  const originMs = now();
  const wheel = createPacingWheel(originMs);
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  const turn = (): void => {
    timer = null;
    const nextMs = wheel.advance(now());
    if (nextMs === null || stopped) return;
    // Timers count whole milliseconds and may fire a fraction early; the wheel then finds nothing due and asks again.
    timer = setTimeout(turn, Math.max(1, Math.round(nextMs - now())));
  };

  return {
    originMs,
    add: (rider) => {
      const seat = wheel.add(rider);
      if (timer === null && !stopped) timer = setTimeout(turn, 1);
      return seat;
    },
    [Symbol.dispose]: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
};
