/** How fast transitions become durable: flat out, and how long each takes at a steady rate. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallId } from '#domain/call.ts';
import type { CallSnapshot, TransitionEntry } from '#domain/journal.ts';
import type { Log } from '#domain/log.ts';
import { openDatabase } from '#persistence/database.ts';
import { startEmbeddedPostgres } from '#persistence/embedded/embedded-postgres.ts';
import { createJournal, type PostgresJournal } from '#persistence/journal.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { percentile } from './percentile.ts';

const CALLS = 200;
const SECONDS = 8;
const STEADY_RATES = [500, 5_000];
/** Flat out: entries that may wait in the queue. */
const MAX_BACKLOG = 2_000;
const TICK_MS = 2;

const refuse = (_fields: Record<string, unknown>, message: string) => {
  throw new Error(message);
};
const log: Log = { debug: () => {}, info: () => {}, warn: refuse, error: refuse };

/** About as large as the context of a call in the middle of a conversation. */
const CONTEXT = {
  dialog: { id: randomUUID(), type: 'uas', local: 'x'.repeat(500), remote: 'y'.repeat(500) },
  rtp: { port: 20_000, ssrc: 1, sequence: 1, timestamp: 1 },
  resumptionHandle: 'z'.repeat(200),
};

/** When each entry was appended, and how long it took to be committed. */
class Stopwatch {
  readonly #waiting = new Map<CallId, number[]>();
  #taken: number[] = [];
  readonly latenciesMs: number[] = [];

  appended(callId: CallId): void {
    const times = this.#waiting.get(callId);
    if (times) times.push(performance.now());
    else this.#waiting.set(callId, [performance.now()]);
  }

  taken(callId: CallId): void {
    this.#taken.push(...(this.#waiting.get(callId) ?? []));
    this.#waiting.delete(callId);
  }

  /** The journal takes snapshots and sends the statement in the same tick. */
  around =
    (run: RunStatement): RunStatement =>
    async (sql, parameters) => {
      const taken = this.#taken;
      this.#taken = [];
      const rows = await run(sql, parameters);
      const now = performance.now();
      for (const time of taken) this.latenciesMs.push(now - time);
      return rows as never;
    };
}

type Load = { journal: PostgresJournal; append: (count: number) => void };

const beginCalls = async (journal: PostgresJournal, stopwatch: Stopwatch): Promise<Load> => {
  const calls = Array.from({ length: CALLS }, () => ({ callId: randomUUID() as CallId, seq: 0 }));
  const startedAt = new Date();
  const snapshotOf = (call: { callId: CallId; seq: number }): CallSnapshot => {
    stopwatch.taken(call.callId);
    return {
      seq: call.seq,
      epoch: 1,
      nodeId: 'bench',
      machineVersion: 1,
      state: 'talking',
      context: { ...CONTEXT, position: call.seq },
      row: {
        direction: 'inbound',
        status: 'in_call',
        callerNumber: '+359888123456',
        calledNumber: '+35921234567',
        sipCallId: call.callId,
        startedAt,
        answeredAt: startedAt,
        endedAt: null,
        cause: null,
        causeDetail: null,
        answeredBy: null,
        outcome: null,
        recordingPath: null,
      },
    };
  };
  for (const call of calls) journal.begin(call.callId, () => snapshotOf(call));
  await Promise.all(calls.map(({ callId }) => journal.durable(callId, { timeoutMs: 10_000 })));

  let next = 0;
  const entryOf = (callId: CallId, seq: number): TransitionEntry => ({
    callId,
    seq,
    at: new Date(),
    epoch: 1,
    machine: 'call',
    machineVersion: 1,
    actorPath: 'call',
    incarnation: 1,
    eventType: 'media.measured',
    event: { type: 'media.measured', statistics: { packetsReceived: seq, packetsSent: seq, jitterMs: 0.4, mos: 4.4 } },
    fromState: 'talking',
    toState: 'talking',
    ignored: false,
  });
  const append = (count: number) => {
    for (let done = 0; done < count; done++) {
      const call = calls[next++ % CALLS];
      if (!call) return;
      call.seq += 1;
      stopwatch.appended(call.callId);
      journal.append(entryOf(call.callId, call.seq));
    }
  };
  return { journal, append };
};

/** Connections, caches and compiled code are those of an application that has run for a while. */
const warmUp = async ({ append }: Load, stopwatch: Stopwatch): Promise<void> => {
  for (let round = 0; round < 100; round++) {
    append(5);
    await delay(5);
  }
  stopwatch.latenciesMs.length = 0;
};

/** Appends at `rate` until the time is up; null = as fast as the queue empties. */
const drive = async ({ journal, append }: Load, rate: number | null): Promise<number> => {
  const startedAt = performance.now();
  let appended = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs >= SECONDS * 1_000) break;
    const room = MAX_BACKLOG - journal.statistics().queuedEntries;
    const wanted = rate === null ? Math.max(0, room) : Math.floor((elapsedMs * rate) / 1_000) - appended;
    append(wanted);
    appended += wanted;
    await delay(TICK_MS);
  }
  await journal.close({ timeoutMs: 30_000 });
  return appended / ((performance.now() - startedAt) / 1_000);
};

const measure = async (url: string, rate: number | null) => {
  const stopwatch = new Stopwatch();
  const runner = createStatementRunner({ url, poolSize: 3, timeoutMs: 10_000, log });
  const journal = createJournal({ run: stopwatch.around(runner.run), log });
  const load = await beginCalls(journal, stopwatch);
  await warmUp(load, stopwatch);
  const before = { cpu: process.cpuUsage(), batches: journal.statistics().batches };
  const perSecond = await drive(load, rate);
  const { user, system } = process.cpuUsage(before.cpu);
  const batches = journal.statistics().batches - before.batches;
  await runner.close();

  const times = stopwatch.latenciesMs;
  return {
    load: rate === null ? 'flat out' : `${rate}/s`,
    'transitions/s': Math.round(perSecond),
    'p50 ms': percentile(times, 0.5).toFixed(1),
    'p95 ms': percentile(times, 0.95).toFixed(1),
    'p99 ms': percentile(times, 0.99).toFixed(1),
    'rows/statement': (times.length / batches).toFixed(1),
    'CPU ms/transition': ((user + system) / 1_000 / times.length).toFixed(3),
  };
};

/** Prints one table: transitions per second, and append-to-commit times, on the embedded Postgres with fsync. */
export const run = async (): Promise<void> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-bench-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ dataDirectory, log });
  opened.defer(() => postgres.stop());
  const database = await openDatabase({ url: postgres.url, log });
  await database.migrate();
  await database.close();

  const rows = [];
  for (const rate of [...STEADY_RATES, null]) rows.push(await measure(postgres.url, rate));
  console.table(rows);
};
