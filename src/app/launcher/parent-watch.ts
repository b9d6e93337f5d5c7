/**
 * Preloaded (`node --import`) into every child of the launcher: the IPC channel closes when the launcher ends, in
 * whatever way, and the program then ends as if told by SIGINT, and by force if that takes too long.
 */
import { isMainThread } from 'node:worker_threads';

const MARGIN_MS = 20_000;

const endWithParent = async (): Promise<void> => {
  const { loadConfig } = await import('#config.ts');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), loadConfig().limits.drainSeconds * 1000 + MARGIN_MS);
  // Emitted rather than sent: Windows would end the process without asking it.
  if (!process.emit('SIGINT')) process.exit(0);
};

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => void endWithParent());
  // The channel alone must not keep the program alive.
  process.channel.unref();
}
