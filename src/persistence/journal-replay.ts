/** Brings the spool into Postgres, in order, and finds out thereby when Postgres is back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { Batch } from './journal-batch.ts';
import { createDelivery, type DeliveryCounts, type DeliveryOutcome } from './journal-delivery.ts';
import { adoptCalls, replayBatch, type RunStatement } from './journal-statement.ts';
import { mergeBatches } from './merge-batches.ts';
import type { Spool } from './spool.ts';
import type { SpoolRecord } from './spool-format.ts';

export type ReplayOptions = {
  spool: Spool;
  run: RunStatement;
  log: Log;
  /** What became of a call's entries, other than that they were written. */
  onOutcome: (callId: CallId, outcome: DeliveryOutcome) => void;
  /** Postgres answers and nothing is left: whoever writes may write there again. */
  onDrained: () => void;
};

export type Replay = {
  /** From the first sign of an outage until all that was spooled has been written. */
  readonly isActive: boolean;
  /** While the last few are written nothing is to be appended: otherwise they would never be the last. */
  readonly handover: Promise<void> | null;
  readonly counts: Readonly<DeliveryCounts>;
  activate(): void;
  /** Resolves when it is not active; rejects when it was aborted before. */
  drained(): Promise<void>;
  abort(): void;
};

const STATEMENT_BYTES = 2_000_000;
/** So little is left that whoever writes can wait for it. */
const HANDOVER_BYTES = 100_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

export const createReplay = ({ spool, run, log, onOutcome, onDrained }: ReplayOptions): Replay => {
  const abortion = new AbortController();
  const { signal } = abortion;
  let running: Promise<void> | null = null;
  let handover: PromiseWithResolvers<void> | null = null;
  const endHandover = () => {
    handover?.resolve();
    handover = null;
  };
  const delivery = createDelivery({
    run,
    log,
    signal,
    onOutage: 'reject',
    write: replayBatch,
    onAvailable: () => {},
    onOutcome: ({ callId, seq }, outcome) => {
      if (outcome === 'written') return;
      log.error({ callId, seq, outcome }, 'spooled entries of a call could not be written');
      onOutcome(callId, outcome);
    },
  });

  const untilAnswered = async (work: () => Promise<unknown>): Promise<void> => {
    for (let retry = 0; ; retry++) {
      signal.throwIfAborted();
      try {
        await work();
        return;
      } catch (error) {
        endHandover();
        signal.throwIfAborted();
        log.debug({ error: String(error) }, 'journal waits for Postgres');
        const pauseMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retry, 10));
        await delay(pauseMs, undefined, { signal, ref: false });
      }
    }
  };

  const write = async (batches: readonly Batch[]): Promise<void> => {
    const batch = mergeBatches(batches);
    if (batch.length > 0) await untilAnswered(() => delivery.deliver(batch));
  };

  const adopt = async ({ nodeId, calls }: Extract<SpoolRecord, { kind: 'adoption' }>): Promise<void> => {
    let taken: CallId[] = [];
    await untilAnswered(async () => {
      taken = await adoptCalls(run, nodeId, calls);
    });
    for (const callId of taken) onOutcome(callId, 'fenced');
  };

  const apply = async (records: readonly SpoolRecord[]): Promise<void> => {
    let batches: Batch[] = [];
    for (const record of records) {
      if (record.kind === 'parts') {
        batches.push(record.parts);
        continue;
      }
      await write(batches);
      batches = [];
      await adopt(record);
    }
    await write(batches);
  };

  const replay = async (): Promise<void> => {
    for (let hasAnswered = false; ;) {
      const records = await spool.read(STATEMENT_BYTES);
      if (records.length > 0) {
        await apply(records);
        await spool.drop(records.length);
        hasAnswered = true;
        if (spool.bytes < HANDOVER_BYTES) handover ??= Promise.withResolvers();
      } else if (!hasAnswered) {
        await untilAnswered(() => run('select 1', []));
        hasAnswered = true;
      } else if (spool.isEmpty) {
        return;
      }
    }
  };

  const work = async (): Promise<void> => {
    await untilAnswered(replay);
    // In the same tick: what is appended from now on goes straight to Postgres.
    running = null;
    endHandover();
    onDrained();
  };

  return {
    get isActive() {
      return running !== null;
    },
    get handover() {
      return handover?.promise ?? null;
    },
    counts: delivery.counts,
    activate: () => {
      if (running || signal.aborted) return;
      running = work();
      // Nobody has to wait for it.
      running.catch(() => {});
    },
    drained: () => running ?? Promise.resolve(),
    abort: () => {
      abortion.abort();
      endHandover();
    },
  };
};
