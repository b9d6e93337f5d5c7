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
  /** The call belongs to somebody else now: its actors let go of what they hold without a word to the other side. */
  abandon(callId: CallId): void;
  isAbandoned(callId: CallId): boolean;
  /** Release by force whatever a call still holds, forget the call, and name what it was. Never throws. */
  settle(callId: CallId): readonly string[];
};

const nothing = () => {};

export const createResourceLedger = (): ResourceLedger => {
  const calls = new Map<CallId, Set<Entry>>();
  const abandoned = new Set<CallId>();
  return {
    register: (callId, kind, release = nothing) => {
      abandoned.delete(callId);
      const entries = calls.get(callId) ?? new Set<Entry>();
      calls.set(callId, entries);
      const entry = { kind, release };
      entries.add(entry);
      return { [Symbol.dispose]: () => void entries.delete(entry) };
    },
    abandon: (callId) => {
      calls.delete(callId);
      abandoned.add(callId);
    },
    isAbandoned: (callId) => abandoned.has(callId),
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
