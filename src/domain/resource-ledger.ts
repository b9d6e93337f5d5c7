/**
 * What each call holds open in the control thread. Whoever opens something registers it, with the way to release it by
 * force, and disposes of the entry when it is closed; what is left at the end of a call has leaked. Media workers keep
 * a ledger of their own.
 */
import type { CallId } from './call.ts';

type Entry = { kind: string; release: () => void };

export type ResourceLedger = {
  /** `kind` names the resource in logs and metrics. Disposing twice is harmless. */
  register(callId: CallId, kind: string, release?: () => void): Disposable;
  held(callId: CallId): readonly string[];
  /** Forget a call without releasing anything: it belongs to another process. */
  abandon(callId: CallId): void;
  /** Release by force whatever a call still holds, forget the call, and name what it was. Never throws. */
  settle(callId: CallId): readonly string[];
};

const nothing = () => {};

export const createResourceLedger = (): ResourceLedger => {
  const calls = new Map<CallId, Set<Entry>>();
  return {
    register: (callId, kind, release = nothing) => {
      const entries = calls.get(callId) ?? new Set<Entry>();
      calls.set(callId, entries);
      const entry = { kind, release };
      entries.add(entry);
      return { [Symbol.dispose]: () => void entries.delete(entry) };
    },
    abandon: (callId) => void calls.delete(callId),
    held: (callId) => [...(calls.get(callId) ?? [])].map(({ kind }) => kind),
    settle: (callId) => {
      const left = [...(calls.get(callId) ?? [])];
      calls.delete(callId);
      return left.map(({ kind, release }) => {
        try {
          release();
          return kind;
        } catch (error) {
          return `${kind} (${String(error)})`;
        }
      });
    },
  };
};
