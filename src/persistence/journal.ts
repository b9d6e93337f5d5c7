/** The journal on Postgres: group commit of transitions and snapshots, fenced by epoch, with barriers. */
import type { CallId } from '#domain/call.ts';
import { type Journal, JournalError, type TransitionEntry } from '#domain/journal.ts';
import type { Log } from '#domain/log.ts';
import { serialiseEvent } from '#domain/serialise-event.ts';
import { type QueuedEntry, transitionJson } from './journal-batch.ts';
import { createReplay } from './journal-replay.ts';
import type { RunStatement } from './journal-statement.ts';
import { createJournalWriter, type JournalWriter, type Overflow } from './journal-writer.ts';
import type { Spool } from './spool.ts';
import {
  addWaiter,
  freezeSnapshot,
  isWritten,
  rejectWaiters,
  trackCall,
  type TrackedCall,
  trackResumed,
} from './tracked-call.ts';

export type JournalOptions = {
  run: RunStatement;
  log: Log;
  gatherMs?: number;
  maxRows?: number;
  writers?: number;
  /** Beyond it entries are queued without their event; beyond twice as much they are dropped and counted. */
  maxQueuedBytes?: number;
  /** Without it entries wait in memory while Postgres is out. What it holds already is replayed first. */
  spool?: Spool;
  /** Another process owns the call now; nothing of it is written any more. */
  onFenced?: (callId: CallId) => void;
};

export type JournalStatistics = {
  calls: number;
  queuedEntries: number;
  queuedBytes: number;
  batches: number;
  retries: number;
  /** Entries, rows or contexts that the database refused for what was in them. */
  quarantined: number;
  /** Entries that found no room during an outage. */
  dropped: number;
};

export type PostgresJournal = Journal & {
  statistics(): JournalStatistics;
  /** Whether something of this call is still to be written, by this process or out of the spool. */
  isTracked(callId: CallId): boolean;
  /** Resolves when nothing is left in the spool; rejects when the journal is closed before. */
  caughtUp(): Promise<void>;
  /** Resolves when all that was appended is written, or after the deadline. */
  written(options: { timeoutMs: number }): Promise<void>;
};

const DEFAULTS = { gatherMs: 3, maxRows: 200, writers: 2, maxQueuedBytes: 64 * 1024 * 1024 };

/** FNV-1a: a call belongs to one writer for good, so its entries stay in order. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
};

const entryJson = (entry: TransitionEntry): string => {
  try {
    return transitionJson(entry, entry.event);
  } catch {
    return transitionJson(entry, serialiseEvent(entry.event));
  }
};

/** Create the journal; `run` is its own connection (see `createStatementRunner`). Nothing is written before `begin`. */
export const createJournal = (options: JournalOptions): PostgresJournal => {
  const { run, log, gatherMs, maxRows, writers: writerCount, maxQueuedBytes } = { ...DEFAULTS, ...options };
  const calls = new Map<CallId, TrackedCall>();
  const queued = { entries: 0, bytes: 0, dropped: 0 };
  let isClosed = false;

  const forget = (call: TrackedCall) => {
    release(call.pending);
    call.pending = [];
    // The same call may have begun anew meanwhile.
    if (calls.get(call.callId) === call) calls.delete(call.callId);
  };

  const release = (entries: readonly QueuedEntry[]) => {
    for (const { json } of entries) queued.bytes -= json.length;
    queued.entries -= entries.length;
  };

  const { spool, onFenced } = options;
  const replay = spool
    ? createReplay({
        spool,
        run,
        log,
        onOutcome: (callId, outcome) => {
          const call = calls.get(callId);
          if (call && outcome !== 'refused') writerOf(callId).lose(call, outcome);
        },
        onDrained: () => {
          log.info({}, 'journal writes to Postgres again');
          for (const writer of writers) writer.wake();
        },
      })
    : null;

  /** Whoever takes over from the spool finds every live call there, as it was when the outage began or later. */
  const spoolSnapshots = () => {
    log.warn({ calls: calls.size }, 'Postgres does not answer; the journal goes to the spool');
    for (const call of calls.values()) {
      if (!call.created || call.lost) continue;
      call.needsSnapshot = true;
      writerOf(call.callId).offer(call, true);
    }
  };

  const overflow: Overflow | null =
    spool && replay
      ? {
          get isActive() {
            return replay.isActive;
          },
          get handover() {
            return replay.handover;
          },
          activate: () => {
            if (replay.isActive) return;
            replay.activate();
            spoolSnapshots();
          },
          append: (parts) => spool.append({ kind: 'parts', parts }),
        }
      : null;

  const tellFenced = (callId: CallId) => {
    try {
      onFenced?.(callId);
    } catch (error) {
      log.error({ callId, error: String(error) }, 'a lost call could not be dropped');
    }
  };

  const openWriter = () =>
    createJournalWriter({
      run,
      log,
      overflow,
      gatherMs,
      maxRows,
      onFinished: forget,
      onTaken: (part) => release(part.entries),
      onFenced: ({ callId }) => tellFenced(callId),
    });
  const firstWriter = openWriter();
  const writers: JournalWriter[] = [firstWriter, ...Array.from({ length: writerCount - 1 }, openWriter)];
  const writerOf = (callId: CallId) => writers[hash(callId) % writers.length] ?? firstWriter;

  const enqueue = (call: TrackedCall, entry: TransitionEntry): boolean => {
    if (queued.bytes > 2 * maxQueuedBytes) return false;
    const json = queued.bytes > maxQueuedBytes ? transitionJson(entry, { omitted: 'backlog' }) : entryJson(entry);
    call.pending.push({ seq: entry.seq, json });
    call.lastAppended = entry.seq;
    call.incarnations[entry.actorPath] = entry.incarnation;
    queued.entries += 1;
    queued.bytes += json.length;
    return true;
  };

  const drop = (entry: TransitionEntry) => {
    queued.dropped += 1;
    // Powers of two: the first one is said at once, a flood stays readable.
    if ((queued.dropped & (queued.dropped - 1)) === 0) {
      log.error({ callId: entry.callId, dropped: queued.dropped }, 'journal backlog is full; transitions are dropped');
    }
  };

  const durable = async (callId: CallId, timeoutMs: number): Promise<void> => {
    const call = calls.get(callId);
    if (!call) throw new JournalError('rejected', 'The journal does not know this call.');
    if (call.lost) throw new JournalError(call.lost, 'The call is not written any more.');
    if (isClosed) throw new JournalError('unavailable', 'The journal is closed.');
    if (isWritten(call)) return;
    call.wanted = true;
    const written = addWaiter(call, timeoutMs, () => !isAvailable());
    writerOf(callId).offer(call, true);
    await written;
  };

  const giveUp = () => {
    for (const writer of writers) writer.abort();
    for (const call of calls.values()) rejectWaiters(call, new JournalError('unavailable', 'The journal is closed.'));
  };

  const isAvailable = () => !isClosed && !replay?.isActive && writers.every((writer) => writer.isAvailable);

  const track = (call: TrackedCall) => {
    const earlier = calls.get(call.callId);
    if (earlier) {
      rejectWaiters(earlier, new JournalError('rejected', 'The call has begun anew.'));
      forget(earlier);
    }
    calls.set(call.callId, call);
  };

  const written = async ({ timeoutMs }: { timeoutMs: number }): Promise<void> => {
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, timeoutMs);
    await Promise.race([Promise.all(writers.map((writer) => writer.drained())), deadline.promise]);
    clearTimeout(timer);
  };

  if (spool && !spool.isEmpty) replay?.activate();

  return {
    begin: (callId, takeSnapshot) => track(trackCall(callId, takeSnapshot)),
    resume: (callId, from, takeSnapshot) => track(trackResumed(callId, from, takeSnapshot)),
    append: (entry) => {
      const call = calls.get(entry.callId);
      if (!call || call.lost || isClosed) return;
      if (!enqueue(call, entry)) drop(entry);
      else if (call.created) writerOf(entry.callId).offer(call, false);
    },
    durable: (callId, { timeoutMs }) => durable(callId, timeoutMs),
    end: (callId) => {
      const call = calls.get(callId);
      if (!call) return;
      call.ended = true;
      const isAbandoned = !call.created && !call.inFlight;
      if (isAbandoned || call.lost || (isWritten(call) && !call.inFlight)) {
        rejectWaiters(call, new JournalError('rejected', 'The call has ended.'));
        forget(call);
        return;
      }
      freezeSnapshot(call);
      writerOf(callId).offer(call, true);
    },
    get isAvailable() {
      return isAvailable();
    },
    close: async ({ timeoutMs }) => {
      isClosed = true;
      await written({ timeoutMs });
      replay?.abort();
      giveUp();
    },
    isTracked: (callId) => calls.has(callId) || (spool?.holds(callId) ?? false),
    caughtUp: () => replay?.drained() ?? Promise.resolve(),
    written,
    statistics: () => ({
      calls: calls.size,
      queuedEntries: queued.entries,
      queuedBytes: queued.bytes,
      dropped: queued.dropped,
      batches: sum(writers, 'batches'),
      retries: sum(writers, 'retries'),
      quarantined: sum(writers, 'quarantined') + (replay?.counts.quarantined ?? 0),
    }),
  };
};

const sum = (writers: readonly JournalWriter[], name: keyof JournalWriter['counts']): number =>
  writers.reduce((total, { counts }) => total + counts[name], 0);
