/** Runs one of our programs as a child process that ends with the launcher. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LauncherError } from './launcher-error.ts';
import type { ReadyLine, RunningPart } from './running-part.ts';

const READY_TIMEOUT_MS = 60_000;
const PARENT_WATCH = new URL('./parent-watch.ts', import.meta.url).href;

export type ChildOptions = {
  name: string;
  /** Path of the TypeScript program. */
  program: string;
  env: Record<string, string>;
  /** Every line it prints, but for the ready line. */
  onLog: (line: string) => void;
  /** It loads all that it needs and then waits to be told to begin. */
  isSpare?: boolean;
};

export type LaunchedChild = {
  /** How it ended, in words; settles once. */
  ended: Promise<string>;
  /** Tells a spare to begin. */
  release(): void;
  kill(): void;
  /**
   * Waits for its ready line. Rejects with `LauncherError` `partFailed`, giving the last thing it said, when it ends
   * before that or takes longer than a minute; `stopped` when the signal aborts first.
   */
  untilReady(signal: AbortSignal): Promise<RunningPart>;
};

/** A program that is started with it loads everything and waits for any message. */
const SPARE_FLAG = '--spare';
const BEGIN = 'begin';

const parseObject = (line: string): ReadyLine | null => {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
};

/** A program that crashed says why in the middle of what Node prints; otherwise its last line is the reason. */
const tellsMore = (line: string, before: string): boolean =>
  line.trim() !== '' && (/^\w*Error\b/.test(line) || !/^\w*Error\b/.test(before));

/** Programs log JSON; what matters to the operator is the message. */
const messageOf = (line: string): string => {
  const message = parseObject(line)?.['msg'];
  return typeof message === 'string' ? message : line;
};

const watchEnd = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // `close`, not `exit`: what it said last is the reason of a failed start.
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });

/**
 * Nearly all that a call allocates is dead within a second. Left alone, V8 keeps up to 100 MB of it for the young
 * generation and as much again before it looks at the old one. (`npm run app` gives the same.)
 */
const MEMORY_FLAGS = ['--max-semi-space-size=4', '--initial-old-space-size=8', '--heap-growing-percent=40'];

const spawnProgram = ({ program, env, isSpare = false }: ChildOptions): ChildProcess =>
  spawn(process.execPath, [...MEMORY_FLAGS, '--import', PARENT_WATCH, program, ...(isSpare ? [SPARE_FLAG] : [])], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Its own process group: Ctrl-C in the terminal must reach the launcher alone, which ends the parts in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });

const askToEnd = (child: ChildProcess): void => {
  if (process.platform === 'win32') child.disconnect();
  // Not SIGTERM, at which the application leaves its calls to a successor: nothing comes after what the launcher ends.
  else child.kill('SIGINT');
};

const createPart = (child: ChildProcess, ended: Promise<string>, ready: ReadyLine): RunningPart => ({
  pid: child.pid ?? null,
  ready,
  ended,
  stop: async (deadlineMs) => {
    if (child.exitCode === null && child.signalCode === null) askToEnd(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await ended;
    clearTimeout(timer);
  },
  kill: () => {
    child.kill('SIGKILL');
  },
});

const readLines = (child: ChildProcess, onLine: (line: string) => void): void => {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  }
};

export const launchChild = (options: ChildOptions): LaunchedChild => {
  const { name, onLog } = options;
  const child = spawnProgram(options);
  const ended = watchEnd(child);
  let lastLine = '';
  const becameReady = new Promise<ReadyLine>((resolve) => {
    readLines(child, (line) => {
      const object = parseObject(line);
      if (object?.['ready'] === true) return resolve(object);
      if (tellsMore(line, lastLine)) lastLine = line;
      return onLog(line);
    });
  });
  const kill = () => void child.kill('SIGKILL');

  return {
    ended,
    kill,
    release: () => {
      // One that has died meanwhile says so by its end.
      if (child.connected) child.send(BEGIN, () => undefined);
    },
    untilReady: async (signal) => {
      const timeout = AbortSignal.timeout(READY_TIMEOUT_MS);
      for (const reason of [signal, timeout]) reason.addEventListener('abort', kill);
      if (signal.aborted) kill();
      const outcome = await Promise.race([becameReady, ended]);
      for (const reason of [signal, timeout]) reason.removeEventListener('abort', kill);

      if (typeof outcome !== 'string') return createPart(child, ended, outcome);
      if (signal.aborted) throw new LauncherError('stopped', `${name} was stopped.`);
      const reason = timeout.aborted ? `it was not ready after ${READY_TIMEOUT_MS / 1000} s` : messageOf(lastLine);
      throw new LauncherError('partFailed', `${name} did not start: ${reason === '' ? outcome : reason}`);
    },
  };
};

/** Start a program and wait for its ready line. */
export const startChild = (options: ChildOptions, signal: AbortSignal): Promise<RunningPart> =>
  launchChild(options).untilReady(signal);
