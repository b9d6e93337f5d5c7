/** `npm start`: everything that is not configured as external, and the application. Ctrl-C ends all of it. */
import { startSystem, type System } from '#app/launcher/start-system.ts';

/** A terminal and npm each deliver one Ctrl-C; only a later one is meant as the second. */
const SAME_PRESS_MS = 1000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const printLog = (_part: string, line: string) => process.stderr.write(`${line}\n`);

const stopping = new AbortController();
let stoppingSince = 0;
let system: System | null = null;

const exitStopped = (): never => {
  print('stopped');
  process.exit(0);
};

const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

const onSignal = (): void => {
  if (!stopping.signal.aborted) {
    stoppingSince = Date.now();
    print('stopping: calls end first; a second Ctrl-C ends everything at once');
    stopping.abort();
    system?.stop().then(exitStopped, fail);
  } else if (Date.now() - stoppingSince > SAME_PRESS_MS) {
    system?.kill();
    process.exit(130);
  }
};

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
process.on('SIGHUP', onSignal);

try {
  system = await startSystem({ onLine: print, onLog: printLog, signal: stopping.signal, hasConsole: true });
  print(`API token      ${system.apiToken}`);
} catch (error) {
  // Ctrl-C during the start: what had been started has been ended.
  if (stopping.signal.aborted) exitStopped();
  fail(error);
}
