import type { CallId } from '#domain/call.ts';
import type { CallSnapshot, Journal, TransitionEntry } from '#domain/journal.ts';

/** Keeps entries in memory; `durable` resolves at once, and takes the snapshot as a flush would. */
export const createFakeJournal = () => {
  const entries: TransitionEntry[] = [];
  const snapshots = new Map<CallId, CallSnapshot>();
  const takers = new Map<CallId, () => CallSnapshot>();
  const state = { isAvailable: true, failure: null as Error | null };
  const journal: Journal = {
    begin: (callId, takeSnapshot) => void takers.set(callId, takeSnapshot),
    resume: (callId, _from, takeSnapshot) => void takers.set(callId, takeSnapshot),
    append: (entry) => void entries.push(entry),
    durable: async (callId) => {
      if (state.failure) throw state.failure;
      const taken = takers.get(callId)?.();
      if (taken) snapshots.set(callId, taken);
    },
    end: (callId) => void takers.delete(callId),
    get isAvailable() {
      return state.isAvailable;
    },
    close: async () => {},
  };
  return { journal, entries, snapshots, takers, state };
};
