/** What the journal remembers of one call between flushes. */
import type { CallId } from '#domain/call.ts';
import { type CallSnapshot, JournalError, type JournalErrorCode } from '#domain/journal.ts';
import { type CallPart, type QueuedEntry, rowJson, toSafeJson } from './journal-batch.ts';

type Waiter = { seq: number; settle: (error: JournalError | null) => void };

export type TrackedCall = {
  callId: CallId;
  takeSnapshot: () => CallSnapshot;
  /** The row exists. */
  created: boolean;
  /** The first `durable` has been asked for. */
  wanted: boolean;
  ended: boolean;
  inFlight: boolean;
  /** Set once nothing can be written for this call any more. */
  lost: JournalErrorCode | null;
  pending: QueuedEntry[];
  lastAppended: number;
  committed: number;
  /** JSON of the row as stored, or as refused: it is not sent again while it stays the same. */
  knownRow: string | null;
  /** Latest incarnation of each actor path. */
  incarnations: Record<string, number>;
  /** The next flush writes its state even if it has no entries. */
  needsSnapshot: boolean;
  waiters: Set<Waiter>;
};

const NOTHING_APPENDED = -1;

export const trackCall = (callId: CallId, takeSnapshot: () => CallSnapshot): TrackedCall => ({
  callId,
  takeSnapshot,
  created: false,
  wanted: false,
  ended: false,
  inFlight: false,
  lost: null,
  pending: [],
  lastAppended: NOTHING_APPENDED,
  committed: NOTHING_APPENDED - 1,
  knownRow: null,
  incarnations: {},
  needsSnapshot: false,
  waiters: new Set(),
});

/** A call that was taken over: its row and its entries up to `seq` are there. */
export const trackResumed = (
  callId: CallId,
  from: { seq: number; incarnations?: Readonly<Record<string, number>> },
  takeSnapshot: () => CallSnapshot,
): TrackedCall => ({
  ...trackCall(callId, takeSnapshot),
  created: true,
  lastAppended: from.seq,
  committed: from.seq,
  incarnations: { ...from.incarnations },
});

export const isWritten = (call: TrackedCall): boolean => call.created && call.committed >= call.lastAppended;

/** Whether the next flush has something to write for it. */
export const isDue = (call: TrackedCall): boolean =>
  call.lost === null && !call.inFlight && (call.created ? call.pending.length > 0 || call.needsSnapshot : call.wanted);

/** The call goes, and its machine with it: what is still to be written is written with the state it has now. */
export const freezeSnapshot = (call: TrackedCall): void => {
  try {
    const last = call.takeSnapshot();
    call.takeSnapshot = () => last;
  } catch {
    // Asked again by the flush, which reports it.
  }
};

/** Take at most `limit` entries, and the state of this very tick, for the next statement. Throws what the snapshot throws. */
export const takePart = (call: TrackedCall, limit: number): CallPart => {
  const snapshot = call.takeSnapshot();
  const row = rowJson(snapshot.row);
  const context = toSafeJson(snapshot.context);
  const entries = call.pending.splice(0, limit);
  call.inFlight = true;
  call.needsSnapshot = false;
  return {
    callId: call.callId,
    isNew: !call.created,
    epoch: snapshot.epoch,
    // Never the snapshot's own number: an entry that comes later must not look as if it had been written.
    seq: entries.at(-1)?.seq ?? call.lastAppended,
    nodeId: snapshot.nodeId,
    machineVersion: snapshot.machineVersion,
    state: snapshot.state,
    context,
    row: row === call.knownRow ? null : row,
    entries,
    incarnations: call.incarnations,
  };
};

export const addWaiter = (call: TrackedCall, timeoutMs: number, isOut: () => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const waiter: Waiter = {
      seq: call.lastAppended,
      settle: (error) => {
        clearTimeout(timer);
        call.waiters.delete(waiter);
        if (error) reject(error);
        else resolve();
      },
    };
    const timer = setTimeout(() => {
      const code = isOut() ? 'unavailable' : 'timeout';
      waiter.settle(new JournalError(code, `The call was not committed in ${timeoutMs} ms.`));
      // Nobody needs the row of a call that was refused before it began.
      if (call.waiters.size === 0 && !call.created && !call.inFlight) call.wanted = false;
    }, timeoutMs);
    call.waiters.add(waiter);
  });

export const releaseWaiters = (call: TrackedCall): void => {
  // A set may lose members while it is walked.
  for (const waiter of call.waiters) if (waiter.seq <= call.committed) waiter.settle(null);
};

export const rejectWaiters = (call: TrackedCall, error: JournalError): void => {
  for (const waiter of call.waiters) waiter.settle(error);
};
