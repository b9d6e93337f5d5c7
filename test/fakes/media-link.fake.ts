import type { CallId } from '#domain/call.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { MediaCommand, MediaFact, MediaReport } from '#domain/media-protocol.ts';

/** Keeps commands in order; facts are reported by the test, to whoever listens. */
export const createFakeMediaLink = () => {
  const commands: MediaCommand[] = [];
  const listeners = new Map<CallId, Set<(report: MediaReport) => void>>();
  const link: MediaLink = {
    send: ({ command }) => void commands.push(command),
    subscribe: (callId, listener) => {
      const of = listeners.get(callId) ?? new Set();
      listeners.set(callId, of);
      of.add(listener);
      return { [Symbol.dispose]: () => void of.delete(listener) };
    },
  };
  return {
    link,
    commands,
    types: () => commands.map(({ type }) => type),
    listening: (callId: CallId) => listeners.get(callId)?.size ?? 0,
    report: (callId: CallId, fact: MediaFact, generation = 1) => {
      for (const listener of listeners.get(callId) ?? []) listener({ callId, generation, fact });
    },
  };
};
