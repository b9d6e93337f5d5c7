/** One media worker thread, watched by its tick. */
import { Worker } from 'node:worker_threads';
import type { Log } from '#domain/log.ts';
import {
  TICK_INDEX,
  type FromWorker,
  type MediaReport,
  type ToWorker,
  type WorkerLedger,
} from '#domain/media-protocol.ts';
import type { WorkerSettings } from './worker-settings.ts';

export type PooledWorker = {
  /** Resolves when the thread takes commands; rejects when it dies before. */
  ready: Promise<void>;
  send(message: ToWorker): void;
  /** Rejects when the worker does not answer within a second. */
  ledger(): Promise<WorkerLedger>;
  /** Compares the tick; a worker that stands still for too long, while this thread does not, is terminated. */
  check(nowMs: number): void;
  stop(streams: 'end' | 'goOn'): Promise<void>;
};

type Deps = Omit<WorkerSettings, 'tick'> & {
  file: URL;
  /** For how long it may stand still, once it is ready. */
  stillMs: () => number;
  log: Log;
  onReport: (report: MediaReport) => void;
  onFrozen: (gapMs: number) => void;
  /** The thread is gone, once; not told after `stop`. */
  onLost: (reason: string) => void;
};

export class MediaWorkerError extends Error {
  readonly code = 'mediaWorker';
}

/** This thread stood still itself, with the whole process maybe: the worker gets its time from now. */
const HELD_UP_MS = 600;
/** Loading modules takes longer than a tick, on a busy machine by far. */
const STARTING_MS = 30_000;
const LEDGER_MS = 1_000;
const STOP_MS = 5_000;
/** Nearly all that a call allocates is dead within milliseconds; left alone, V8 would keep tens of megabytes of it. */
const resourceLimits = { maxYoungGenerationSizeMb: 12 };

export const startPooledWorker = (deps: Deps): PooledWorker => {
  const { file, stillMs, log, onReport, onFrozen, onLost, ...settings } = deps;
  const tick = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const ticks = new Int32Array(tick);
  const workerData: WorkerSettings = { ...settings, tick };
  const thread = new Worker(file, { workerData, resourceLimits, name: `media-${settings.workerIndex}` });
  const asked: ((ledger: WorkerLedger) => void)[] = [];
  const { promise: ready, resolve: becomeReady, reject: failToStart } = Promise.withResolvers<void>();
  const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
  let isReady = false;
  let isOver = false;
  let seen = { tick: 0, atMs: performance.now() };
  let checkedAt = seen.atMs;
  // A worker that is replaced before anybody waited for it is not an unhandled rejection.
  ready.catch(() => {});

  const lose = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    failToStart(new MediaWorkerError(`Media worker ${settings.workerIndex}: ${reason}.`));
    // Its ports are free only when it is gone.
    void thread.terminate().then(() => onLost(reason));
  };

  const take = (report: FromWorker): void => {
    if ('fact' in report) return isOver ? undefined : onReport(report);
    switch (report.type) {
      case 'worker.ready':
        isReady = true;
        return becomeReady();
      case 'worker.ledger':
        return asked.shift()?.(report.ledger);
      case 'worker.frozen':
        return onFrozen(report.gapMs);
      case 'worker.fault':
        return log.error({ callId: report.callId, fault: report.message }, 'fault in a media worker');
    }
  };

  thread.on('message', take);
  thread.on('error', (error) => lose(error instanceof Error ? error.message : String(error)));
  thread.on('exit', (code) => {
    exit();
    lose(`exited with code ${code}`);
  });

  return {
    ready,
    send: (message) => thread.postMessage(message, []),
    ledger: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          asked.splice(asked.indexOf(answer), 1);
          reject(new MediaWorkerError(`Media worker ${settings.workerIndex} does not answer.`));
        }, LEDGER_MS);
        const answer = (ledger: WorkerLedger): void => {
          clearTimeout(timer);
          resolve(ledger);
        };
        asked.push(answer);
        thread.postMessage({ type: 'worker.reportLedger' }, []);
      }),
    check: (nowMs) => {
      const now = Atomics.load(ticks, TICK_INDEX);
      const wasHeldUp = nowMs - checkedAt > HELD_UP_MS;
      checkedAt = nowMs;
      if (now !== seen.tick || wasHeldUp) seen = { tick: now, atMs: nowMs };
      else if (nowMs - seen.atMs >= (isReady ? stillMs() : STARTING_MS)) lose('does not tick');
    },
    stop: async (streams) => {
      isOver = true;
      thread.postMessage({ type: 'worker.stop', streams }, []);
      const timer = setTimeout(() => void thread.terminate(), STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
};
