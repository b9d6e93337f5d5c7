/** One 20 ms clock for many callers: each gets a slot, a quarter of them fires every 5 ms, on a monotonic grid. */

export type FrameWheel = {
  /** Calls `onFrame` every 20 ms until the returned function is called. */
  add(onFrame: () => void): () => void;
  stop(): void;
};

const FRAME_MS = 20;
const SLOTS = 4;
const SLOT_MS = FRAME_MS / SLOTS;

export const createFrameWheel = (): FrameWheel => {
  const slots = Array.from({ length: SLOTS }, () => new Set<() => void>());
  let timer: NodeJS.Timeout | null = null;
  let nextAt = 0;
  let slot = 0;

  const tick = () => {
    const now = performance.now();
    // Late slots are made up for, so that the number of frames follows the clock.
    while (nextAt <= now) {
      for (const onFrame of slots[slot] ?? []) onFrame();
      slot = (slot + 1) % SLOTS;
      nextAt += SLOT_MS;
    }
    timer = setTimeout(tick, Math.max(0, nextAt - performance.now()));
  };
  const stop = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    for (const members of slots) members.clear();
  };

  return {
    add(onFrame) {
      const emptiest = slots.reduce((best, candidate) => (candidate.size < best.size ? candidate : best));
      emptiest.add(onFrame);
      if (!timer) {
        nextAt = performance.now();
        tick();
      }
      return () => {
        emptiest.delete(onFrame);
        if (slots.every((members) => members.size === 0)) stop();
      };
    },
    stop,
  };
};
