/** The application as a process: configuration, parts, signals. */
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { openApp } from '#app/open-app.ts';
import type { Parting } from '#app/shut-down.ts';
import { loadConfig } from '#config.ts';

const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

const start = async () => {
  const config = loadConfig();
  const log = pino({ level: config.log.level, base: null }, pino.destination({ dest: 2, sync: false }));
  const app = await openApp(config, log, process.argv.includes('--spare'));
  // A process that is killed writes no cache, and it is the one whose successor is in a hurry.
  flushCompileCache();

  let isStopping = false;
  const stop = (parting: Parting) => {
    if (isStopping) return;
    isStopping = true;
    app.stop(parting).then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', () => stop(config.limits.afterDrain));
  // Ctrl-C, or a launcher that goes itself: nobody comes after.
  process.on('SIGINT', () => stop('end'));
  // Whoever reads it may send a signal at once.
  process.stdout.write(`${JSON.stringify({ ready: true, http: app.http, needsSetUp: app.needsSetUp })}\n`);
};

await start().catch(fail);
