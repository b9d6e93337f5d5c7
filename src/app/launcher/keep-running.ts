/** Keeps one part running: starts it again, after a growing pause, whenever it ends by itself. */
import { setTimeout as delay } from 'node:timers/promises';
import { createBackOff } from './back-off.ts';
import type { ReadyLine, RunningPart, StartPart } from './running-part.ts';

export type KeptPart = {
  readonly pid: number | null;
  /** What it said when it was last ready. */
  readonly ready: ReadyLine;
  stop(deadlineMs: number): Promise<void>;
  kill(): void;
};

type Options = {
  name: string;
  start: StartPart;
  /** One line for the operator. */
  say: (line: string) => void;
  signal: AbortSignal;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  now?: () => number;
};

const ENDING_MS = 5_000;

const waitFor = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal });

/** Start the part; rejects when its first start fails. After that it is started again until `stop` or `kill`. */
export const keepRunning = async ({ name, start, say, signal, wait = waitFor, now = Date.now }: Options) => {
  const stopping = new AbortController();
  const backOff = createBackOff();
  let current = await start(null, signal);
  let startedAt = now();

  /** Null when the part is being stopped meanwhile. */
  const startAgain = async (how: string, livedMs: number): Promise<RunningPart | null> => {
    const pauseMs = backOff.next(livedMs);
    say(`${name} ended (${how}); starting it again ${pauseMs === 0 ? 'at once' : `in ${pauseMs / 1000} s`}`);
    try {
      await wait(pauseMs, stopping.signal);
      const next = await start(current.ready, stopping.signal);
      if (!stopping.signal.aborted) return next;
      // It became ready while it was already to be ended; whoever waits for its end has only the one before it.
      await next.stop(ENDING_MS);
      return null;
    } catch (error) {
      if (stopping.signal.aborted) return null;
      return startAgain(error instanceof Error ? error.message : String(error), 0);
    }
  };

  const watch = async (): Promise<void> => {
    const how = await current.ended;
    if (stopping.signal.aborted) return;
    const next = await startAgain(how, now() - startedAt);
    if (next === null) return;
    current = next;
    startedAt = now();
    say(`${name} runs again`);
    return watch();
  };
  const watching = watch();

  const kept: KeptPart = {
    get pid() {
      return current.pid;
    },
    get ready() {
      return current.ready;
    },
    stop: async (deadlineMs) => {
      stopping.abort();
      await current.stop(deadlineMs);
      await watching;
    },
    kill: () => {
      stopping.abort();
      current.kill();
    },
  };
  return kept;
};
