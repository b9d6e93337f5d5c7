/** Brings one batch into the database whatever it takes: outages are waited out, what cannot be stored is set aside. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#domain/log.ts';
import { DatabaseError } from './database-error.ts';
import {
  type Batch,
  type CallPart,
  cutPart,
  outcomeOf,
  type PartOutcome,
  type PartResult,
  withoutEvent,
} from './journal-batch.ts';
import { type RunStatement, writeBatch, type WriteBatch } from './journal-statement.ts';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
/** How often a part may find another statement in its way before it counts as refused. */
const MAX_COLLISIONS = 20;

export type DeliveryOutcome = Exclude<PartOutcome, 'exists' | 'again'> | 'refused';

export type DeliveryCounts = { batches: number; retries: number; quarantined: number };

export type DeliveryOptions = {
  run: RunStatement;
  log: Log;
  /** Ends the waiting of an outage; the batch is then given up. */
  signal: AbortSignal;
  onAvailable: (isAvailable: boolean) => void;
  /** What to do while Postgres does not answer: send again until it does, or reject with its `DatabaseError`. */
  onOutage?: 'wait' | 'reject';
  write?: WriteBatch;
  /** Once for each part given to `deliver`, or for each piece it had to be cut into. */
  onOutcome: (part: CallPart, outcome: DeliveryOutcome) => void;
};

export type Delivery = { deliver(batch: Batch): Promise<void>; counts: DeliveryCounts };

/** What may be left out of a part with one entry, least first, until the rest can be stored. */
const reductions = (part: CallPart, reason: string): { lost: string; part: CallPart }[] => {
  const noEvent = withoutEvent(part, reason);
  if (part.isNew) return [{ lost: 'event', part: noEvent }];
  return [
    { lost: 'event', part: noEvent },
    { lost: 'row', part: { ...part, row: null } },
    { lost: 'context', part: { ...part, context: null } },
    { lost: 'event, row and context', part: { ...noEvent, row: null, context: null } },
  ];
};

export const createDelivery = (options: DeliveryOptions): Delivery => {
  const { run, log, signal, onAvailable, onOutcome, onOutage = 'wait', write = writeBatch } = options;
  const counts: DeliveryCounts = { batches: 0, retries: 0, quarantined: 0 };

  const pause = async (retry: number): Promise<void> => {
    counts.retries += 1;
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retry, 10));
    await delay(longest, undefined, { signal, ref: false });
  };

  /** Until it is answered, if it is to wait. An outage and an unknown outcome are treated alike: the same statement again. */
  const send = async (batch: Batch): Promise<Map<string, PartResult>> => {
    for (let retry = 0; ; retry++) {
      try {
        const results = await write(run, batch);
        counts.batches += 1;
        onAvailable(true);
        return results;
      } catch (error) {
        if (error instanceof DatabaseError && error.code === 'badData') throw error;
        onAvailable(false);
        if (onOutage === 'reject') throw error;
        if (retry === 0) log.warn({ error: String(error), calls: batch.length }, 'journal cannot write; trying again');
        await pause(retry);
      }
    }
  };

  const settle = async (batch: Batch, results: Map<string, PartResult>, collisions: number): Promise<void> => {
    const again: CallPart[] = [];
    for (const part of batch) {
      const outcome = outcomeOf(part, results.get(part.callId));
      if (outcome === 'exists') again.push({ ...part, isNew: false });
      else if (outcome !== 'again') onOutcome(part, outcome);
      else if (collisions < MAX_COLLISIONS) again.push(part);
      else onOutcome(part, 'refused');
    }
    if (again.length === 0) return;
    if (collisions > 0) await pause(collisions);
    await deliverBatch(again, collisions + 1);
  };

  const quarantine = (part: CallPart, lost: string, error: DatabaseError) => {
    counts.quarantined += 1;
    const { callId, seq } = part;
    // Not the message: it may quote the row.
    log.error({ callId, seq, lost, sqlState: error.sqlState }, 'journal set aside what the database refuses');
  };

  /** One entry of one call: store as much of it as the database takes. */
  const reduce = async (part: CallPart, error: DatabaseError): Promise<void> => {
    for (const { lost, part: reduced } of reductions(part, error.sqlState ?? error.code)) {
      try {
        const results = await send([reduced]);
        quarantine(part, lost, error);
        const outcome = outcomeOf(reduced, results.get(part.callId));
        // What a barrier promised is the row and the context: without them it has not been kept.
        if (lost !== 'event' && outcome === 'written') onOutcome(part, 'refused');
        else await settle([reduced], results, 0);
        return;
      } catch (failure) {
        if (!(failure instanceof DatabaseError && failure.code === 'badData')) throw failure;
      }
    }
    quarantine(part, 'everything', error);
    onOutcome(part, 'refused');
  };

  const isolate = async (batch: Batch, error: DatabaseError): Promise<void> => {
    const [part] = batch;
    if (batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      await deliverBatch(batch.slice(0, middle), 0);
      await deliverBatch(batch.slice(middle), 0);
    } else if (part && part.entries.length > 1) {
      for (const piece of cutPart(part, Math.ceil(part.entries.length / 2))) await deliverBatch([piece], 0);
    } else if (part) {
      await reduce(part, error);
    }
  };

  const deliverBatch = async (batch: Batch, collisions: number): Promise<void> => {
    let results: Map<string, PartResult>;
    try {
      results = await send(batch);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== 'badData') throw error;
      await isolate(batch, error);
      return;
    }
    await settle(batch, results, collisions);
  };

  return { deliver: (batch) => deliverBatch(batch, 0), counts };
};
