/**
 * The control thread's side of the media workers: gives each call to the least loaded worker, passes facts on, and
 * replaces a worker that dies or stops ticking.
 */
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { MediaCommand, MediaReport, MediaRequest, WorkerLedger } from '#domain/media-protocol.ts';
import { startPooledWorker, type PooledWorker } from './pooled-worker.ts';
import { createPatience } from './worker-patience.ts';
import { slicePorts } from './worker-settings.ts';

export type MediaPoolSettings = {
  workers: number;
  rtpHost: string;
  rtpPorts: { min: number; max: number };
  modelChunkMs: number;
  /** The lease of this process: workers that stood still for longer send nothing until `goOn`. Left out: never. */
  leaseMs?: number;
  log: Log;
  /** The thread's entry file; for tests. */
  workerUrl?: URL;
};

export interface MediaPool extends MediaLink {
  /** Resolves when every worker takes commands. */
  start(): Promise<void>;
  /** The same, for those who have not started it. */
  readonly ready: Promise<void>;
  /** Told for each worker that stood still for longer than the lease. */
  onFrozen(listener: (gapMs: number) => void): Disposable;
  /** Lets workers that stood still go on; calls that are not ours any more have been abandoned before (`leg.abandon`). */
  goOn(): void;
  /** What all workers have open. */
  ledger(): Promise<WorkerLedger>;
  /** Releases every leg and ends the threads; where the streams go on in another process, no peer is told. */
  stop(streams?: 'end' | 'goOn'): Promise<void>;
}

type Assignment = { slot: number; generation: number };

const WORKER_FILE = new URL('../app/media-worker.ts', import.meta.url);
const CHECK_EVERY_MS = 250;
const EMPTY: WorkerLedger = {
  legs: 0,
  sockets: 0,
  ports: 0,
  quarantinedPorts: 0,
  modelConnections: 0,
  recordings: 0,
};

const sum = (a: WorkerLedger, b: WorkerLedger): WorkerLedger => ({
  legs: a.legs + b.legs,
  sockets: a.sockets + b.sockets,
  ports: a.ports + b.ports,
  quarantinedPorts: a.quarantinedPorts + b.quarantinedPorts,
  modelConnections: a.modelConnections + b.modelConnections,
  recordings: a.recordings + b.recordings,
});

export const createMediaPool = (settings: MediaPoolSettings): MediaPool => {
  const { log } = settings;
  const slices = slicePorts(settings.rtpPorts, settings.workers);
  const workers: PooledWorker[] = [];
  const patience = slices.map(() => createPatience(() => performance.now()));
  const assignments = new Map<CallId, Assignment>();
  const listeners = new Map<CallId, Set<(report: MediaReport) => void>>();
  const frozen = new Set<(gapMs: number) => void>();
  let watch: NodeJS.Timeout | null = null;
  let isStopping = false;

  const deliver = (report: MediaReport): void => {
    const { callId, generation, fact } = report;
    const isOver = fact.type === 'leg.closed' || fact.type === 'leg.failed';
    if (isOver && assignments.get(callId)?.generation === generation) assignments.delete(callId);
    for (const listener of [...(listeners.get(callId) ?? [])]) listener(report);
  };

  const loadOf = (slot: number): number =>
    [...assignments.values()].filter((assignment) => assignment.slot === slot).length;

  const leastLoaded = (): number => slices.reduce((best, _, slot) => (loadOf(slot) < loadOf(best) ? slot : best), 0);

  /** A leg is opened where it was, opened again where its port belongs, so that no other worker gives that out. */
  const slotFor = (command: MediaCommand, before: Assignment | undefined): number => {
    const owner =
      command.type === 'leg.reopen'
        ? slices.findIndex(({ min, max }) => command.rtp.port >= min && command.rtp.port <= max)
        : -1;
    return owner >= 0 ? owner : (before?.slot ?? leastLoaded());
  };

  const run = (slot: number): void => {
    workers[slot] = startPooledWorker({
      file: settings.workerUrl ?? WORKER_FILE,
      rtpHost: settings.rtpHost,
      rtpPorts: slices[slot] ?? settings.rtpPorts,
      modelChunkMs: settings.modelChunkMs,
      leaseMs: settings.leaseMs ?? null,
      workerIndex: slot,
      stillMs: () => patience[slot]?.stillMs() ?? Number.POSITIVE_INFINITY,
      log,
      onReport: deliver,
      onFrozen: (gapMs) => frozen.forEach((listener) => listener(gapMs)),
      onLost: (reason) => replace(slot, reason),
    });
  };

  const replace = (slot: number, reason: string): void => {
    if (isStopping) return;
    log.error({ worker: slot, reason }, 'media worker lost; starting another');
    patience[slot]?.lose();
    run(slot);
    for (const [callId, { slot: of, generation }] of [...assignments]) {
      if (of !== slot) continue;
      const message = `The media worker of this call was lost: ${reason}.`;
      deliver({ callId, generation, fact: { type: 'leg.failed', code: 'workerLost', message } });
    }
  };

  const untilReady = async () => void (await Promise.all(workers.map((worker) => worker.ready)));

  return {
    start: async () => {
      slices.forEach((_, slot) => run(slot));
      watch = setInterval(() => workers.forEach((worker) => worker.check(performance.now())), CHECK_EVERY_MS);
      watch.unref();
      await untilReady();
    },
    get ready() {
      return untilReady();
    },
    send: (request: MediaRequest) => {
      const { callId, generation, command } = request;
      let assignment = assignments.get(callId);
      if (command.type === 'leg.open' || command.type === 'leg.reopen') {
        assignment = { slot: slotFor(command, assignment), generation };
        assignments.set(callId, assignment);
      }
      workers[assignment?.slot ?? 0]?.send(request);
    },
    subscribe: (callId, listener) => {
      const own = listeners.get(callId) ?? new Set();
      listeners.set(callId, own.add(listener));
      return {
        [Symbol.dispose]: () => {
          own.delete(listener);
          if (own.size === 0 && listeners.get(callId) === own) listeners.delete(callId);
        },
      };
    },
    onFrozen: (listener) => {
      frozen.add(listener);
      return { [Symbol.dispose]: () => void frozen.delete(listener) };
    },
    goOn: () => workers.forEach((worker) => worker.send({ type: 'worker.goOn' })),
    ledger: async () => (await Promise.all(workers.map((worker) => worker.ledger()))).reduce(sum, EMPTY),
    stop: async (streams = 'end') => {
      isStopping = true;
      if (watch !== null) clearInterval(watch);
      await Promise.all(workers.map((worker) => worker.stop(streams)));
    },
  };
};
