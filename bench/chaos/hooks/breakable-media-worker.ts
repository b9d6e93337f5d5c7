/** The media worker, which throws, exits or loops when it is told to. */
import { readFileSync, renameSync } from 'node:fs';
import { loadConfig } from '#config.ts';
import '#app/media-worker.ts';
import { orderFile, readOrder, type WorkerBreak } from '../worker-order.ts';

const LOOK_EVERY_MS = 50;
const file = orderFile(loadConfig().dataDirectory);

const takeOrder = (): string | null => {
  try {
    const how = readOrder(readFileSync(file, 'utf8'), process.pid);
    if (how !== null) renameSync(file, `${file}.taken`);
    return how;
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
