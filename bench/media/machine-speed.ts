/** How fast the machine is while others use it too: CPU time of a fixed piece of work in this thread. */
import { percentile } from '../percentile.ts';

const EVERY_MS = 500;
const STEPS = 1_000_000;

const work = (): number => {
  let state = 1;
  for (let step = 0; step < STEPS; step += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
};

/** Begins to measure; the function returned ends it and gives the median in milliseconds. */
export const watchMachineSpeed = (): (() => number) => {
  const timesMs: number[] = [];
  const timer = setInterval(() => {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    timesMs.push((user + system) / 1_000);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    return percentile(timesMs, 0.5);
  };
};
