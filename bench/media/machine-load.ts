/** What the machine as a whole did meanwhile, from /proc/stat: figures taken while it was busy with other things say less. */
import { readFileSync } from 'node:fs';

const IDLE = [3, 4];
const STOLEN = 7;
const COUNTED = 8;

const readTicks = (): number[] => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  return line
    .split(/\s+/)
    .slice(1, 1 + COUNTED)
    .map(Number);
};

/** Begins to measure; the function returned ends it. Shares of all processors, in per cent. Linux only. */
export const watchMachine = (): (() => { idle: number; stolen: number }) => {
  const before = readTicks();
  return () => {
    const ticks = readTicks().map((value, index) => value - (before[index] ?? 0));
    const total = ticks.reduce((sum, value) => sum + value, 0);
    const share = (columns: readonly number[]) =>
      (100 * columns.reduce((sum, column) => sum + (ticks[column] ?? 0), 0)) / total;
    return { idle: share(IDLE), stolen: share([STOLEN]) };
  };
};
