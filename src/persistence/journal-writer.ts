/** One of the journal's writers: gathers what its calls have to write, one statement in flight at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import { JournalError } from '#domain/journal.ts';
import type { Log } from '#domain/log.ts';
import { DatabaseError } from './database-error.ts';
import type { Batch, CallPart } from './journal-batch.ts';
import { createDelivery, type DeliveryCounts, type DeliveryOutcome } from './journal-delivery.ts';
import type { RunStatement } from './journal-statement.ts';
import { isDue, isWritten, rejectWaiters, releaseWaiters, takePart, type TrackedCall } from './tracked-call.ts';

/** Where batches go while Postgres does not answer. */
export type Overflow = {
  readonly isActive: boolean;
  /** Appends have to wait for it, and to look again whether it is still active. */
  readonly handover: Promise<void> | null;
  activate(): void;
  /** Resolves when it is as safe as if it were committed. */
  append(batch: Batch): Promise<void>;
};

export type JournalWriterOptions = {
  run: RunStatement;
  log: Log;
  /** Null: batches wait in memory. */
  overflow: Overflow | null;
  /** How long entries gather. */
  gatherMs: number;
  /** How many are written at once. */
  maxRows: number;
  /** Nothing is left to write for this call. */
  onFinished: (call: TrackedCall) => void;
  /** Queued entries were taken over by a statement. */
  onTaken: (part: CallPart) => void;
  onFenced: (call: TrackedCall) => void;
};

export type JournalWriter = {
  /** Look at this call in the next flush; `urgent` starts it now. */
  offer(call: TrackedCall, urgent: boolean): void;
  /** Postgres answers again, and nothing is left in the overflow. */
  wake(): void;
  /** Nothing can be written for this call any more. */
  lose(call: TrackedCall, outcome: DeliveryOutcome): void;
  readonly isAvailable: boolean;
  readonly counts: Readonly<DeliveryCounts>;
  /** Resolves when all that was offered has been written. */
  drained(): Promise<void>;
  /** Give up what is not written. */
  abort(): void;
};

const LOST: Partial<Record<DeliveryOutcome, { code: 'fenced' | 'rejected'; message: string }>> = {
  fenced: { code: 'fenced', message: 'Another process has taken this call over.' },
  missing: { code: 'rejected', message: 'The row of this call is gone.' },
};

const APPEND_RETRY_MS = 200;
/** A timer that fires so much later than it should tells of an event loop with more to do than it can. */
const LATE_MS = 5;
/** How long nothing waits for a timer after one was late. */
const HURRY_MS = 1_000;

const isOutage = (error: unknown) => error instanceof DatabaseError && error.code !== 'badData';

export const createJournalWriter = (options: JournalWriterOptions): JournalWriter => {
  const { run, log, overflow, gatherMs, maxRows, onFinished, onTaken, onFenced } = options;
  const abortion = new AbortController();
  const due = new Map<string, TrackedCall>();
  const inFlight = new Map<string, TrackedCall>();
  /** First parts of new calls, of which nobody knows whether they were committed: the same again, when it is possible. */
  let parked: CallPart[] = [];
  let isAvailable = true;
  let isUrgent = false;
  let timer: NodeJS.Timeout | null = null;
  let timerDueAt = 0;
  let hurryUntil = 0;
  let idle = Promise.resolve();
  let isRunning = false;

  const lose = (call: TrackedCall, outcome: DeliveryOutcome) => {
    const { code, message } = LOST[outcome] ?? { code: 'rejected', message: 'The database refuses this call.' };
    rejectWaiters(call, new JournalError(code, message));
    // A part that was refused is no reason to stop writing the call, unless it has no row.
    if (outcome === 'refused' && call.created) return;
    if (call.lost) return;
    call.lost = code;
    call.pending = [];
    log.warn({ callId: call.callId, code }, 'journal stopped writing a call');
    if (code === 'fenced') onFenced(call);
  };

  const onOutcome = (part: CallPart, outcome: DeliveryOutcome) => {
    const call = inFlight.get(part.callId);
    if (!call) return;
    if (outcome === 'written') call.created = true;
    else lose(call, outcome);
    call.committed = Math.max(call.committed, part.seq);
    if (part.row !== null) call.knownRow = part.row;
    releaseWaiters(call);
  };

  const delivery = createDelivery({
    run,
    log,
    signal: abortion.signal,
    onOutage: overflow ? 'reject' : 'wait',
    onOutcome,
    onAvailable: (available) => {
      if (available && !isAvailable) log.info({}, 'journal writes again');
      isAvailable = available;
    },
  });

  const take = (call: TrackedCall, limit: number): CallPart | null => {
    try {
      const part = takePart(call, limit);
      inFlight.set(call.callId, call);
      onTaken(part);
      return part;
    } catch (error) {
      log.error(
        { callId: call.callId, error: String(error) },
        'a call gives no snapshot; it is not journalled any more',
      );
      lose(call, call.created ? 'missing' : 'refused');
      return null;
    }
  };

  /** The row of a new call is made by Postgres alone. */
  const canWrite = (call: TrackedCall) => call.created || !overflow?.isActive;

  const gather = (): CallPart[] => {
    const parts: CallPart[] = [];
    if (parked.length > 0 && !overflow?.isActive) parts.push(...parked.splice(0));
    let room = maxRows;
    for (const call of due.values()) {
      if (room <= 0) break;
      if (!canWrite(call)) continue;
      due.delete(call.callId);
      const part = isDue(call) ? take(call, room) : null;
      if (!part) continue;
      parts.push(part);
      room -= Math.max(1, part.entries.length);
    }
    return parts;
  };

  const giveUp = (parts: readonly CallPart[], error: unknown) => {
    if (abortion.signal.aborted) return;
    log.error({ error: String(error) }, 'journal gave a batch up');
    for (const part of parts) onOutcome(part, 'refused');
  };

  const spill = async (parts: readonly CallPart[]): Promise<void> => {
    const known: CallPart[] = [];
    for (const part of parts) (inFlight.get(part.callId)?.created ? known : parked).push(part);
    while (known.length > 0) {
      await overflow?.handover;
      // What is in the spool must be in Postgres before anything newer.
      if (!overflow?.isActive) return write(known);
      try {
        await overflow.append(known);
        for (const part of known) onOutcome(part, 'written');
        return;
      } catch (error) {
        log.error({ error: String(error) }, 'journal can write neither to Postgres nor to the spool; trying again');
        await delay(APPEND_RETRY_MS, undefined, { signal: abortion.signal, ref: false });
      }
    }
  };

  const isUnsettled = ({ callId, seq }: CallPart) => {
    const call = inFlight.get(callId);
    return call !== undefined && call.lost === null && call.committed < seq;
  };

  const write = async (parts: readonly CallPart[]): Promise<void> => {
    if (overflow?.isActive) return spill(parts);
    try {
      await delivery.deliver(parts);
    } catch (error) {
      if (!overflow || !isOutage(error)) throw error;
      overflow.activate();
      await spill(parts.filter(isUnsettled));
    }
  };

  const finish = (parts: readonly CallPart[]) => {
    const waiting = new Set(parked.map(({ callId }) => callId));
    for (const { callId } of parts) {
      if (waiting.has(callId)) continue;
      const call = inFlight.get(callId);
      inFlight.delete(callId);
      if (!call) continue;
      call.inFlight = false;
      if (isDue(call) && !abortion.signal.aborted) due.set(callId, call);
      else if (call.ended && (call.lost !== null || isWritten(call))) onFinished(call);
    }
  };

  const isFull = () => {
    let rows = 0;
    for (const call of due.values()) rows += call.pending.length;
    return rows >= maxRows;
  };

  const work = async (): Promise<void> => {
    do {
      isUrgent = false;
      const parts = gather();
      try {
        if (parts.length > 0) await write(parts);
      } catch (error) {
        giveUp(parts, error);
      }
      finish(parts);
    } while (!abortion.signal.aborted && (isUrgent || isFull() || (isInHurry() && hasWork())));
    isRunning = false;
    if (hasWork()) schedule(gatherMs);
  };

  /** A process that is killed while it is busy has then written all but what it did last. */
  const isInHurry = () => performance.now() < hurryUntil;

  const hasWork = () => {
    if (abortion.signal.aborted) return false;
    if (!overflow?.isActive) return due.size > 0 || parked.length > 0;
    return due.values().some(canWrite);
  };

  const start = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (isRunning) return;
    isRunning = true;
    idle = work();
  };

  const onTimer = () => {
    const now = performance.now();
    if (now - timerDueAt > LATE_MS) hurryUntil = now + HURRY_MS;
    start();
  };

  const schedule = (delayMs: number) => {
    if (timer) clearTimeout(timer);
    timerDueAt = performance.now() + delayMs;
    timer = setTimeout(onTimer, delayMs);
  };

  const planStart = (isFirstUrgent: boolean) => {
    // What else happens in this tick shares the statement.
    if (isFirstUrgent) setImmediate(start);
    // After this piece of work, before the next one.
    else if (isInHurry()) process.nextTick(start);
    else if (!timer) schedule(gatherMs);
  };

  const offer = (call: TrackedCall, urgent: boolean) => {
    if (!isDue(call) && !call.inFlight) return;
    if (!call.inFlight) due.set(call.callId, call);
    if (!isRunning) planStart(urgent && !isUrgent);
    isUrgent ||= urgent;
  };

  const drained = async (): Promise<void> => {
    if (abortion.signal.aborted || (!isRunning && !hasWork())) return;
    start();
    await idle;
    await drained();
  };

  return {
    offer,
    lose,
    wake: () => {
      isAvailable = true;
      if (hasWork()) start();
    },
    get isAvailable() {
      return isAvailable;
    },
    counts: delivery.counts,
    drained,
    abort: () => {
      abortion.abort();
      if (timer) clearTimeout(timer);
      due.clear();
    },
  };
};
