/** The media worker, which throws, exits or loops when it is told to. */
import { readFileSync, renameSync } from 'node:fs';
import { loadConfig } from '#config.ts';
import '#app/media-worker.ts';
import { orderFile, type WorkerBreak } from '../worker-order.ts';

const LOOK_EVERY_MS = 50;
const file = orderFile(loadConfig().dataDirectory);

const takeOrder = (): string | null => {
  const taken = `${file}.taken`;
  try {
    renameSync(file, taken);
    return readFileSync(taken, 'utf8').trim();
  } catch {
    return null;
  }
};

const BREAKS: Record<WorkerBreak, () => void> = {
  throw: () => {
    // The worker's own net for stray faults would catch it.
    process.removeAllListeners('uncaughtException');
    throw new Error('This media worker was told to throw.');
  },
  exit: () => process.exit(3),
  loop: () => {
    for (;;);
  },
};

setInterval(() => {
  const order = takeOrder();
  if (order !== null && order in BREAKS) BREAKS[order as WorkerBreak]();
}, LOOK_EVERY_MS).unref();
