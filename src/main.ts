/** The application as a process: configuration, parts, signals. */
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { buildApp } from '#app/build-app.ts';
import { loadConfig } from '#config.ts';

const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

const start = async () => {
  const config = loadConfig();
  const log = pino({ level: config.log.level, base: null }, pino.destination({ dest: 2, sync: false }));
  const app = await buildApp(config, log);
  // A process that is killed writes no cache, and it is the one whose successor is in a hurry.
  flushCompileCache();
  process.stdout.write(`${JSON.stringify({ ready: true, http: app.http })}\n`);

  const stop = () => {
    process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop);
    app.stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
};

await start().catch(fail);
