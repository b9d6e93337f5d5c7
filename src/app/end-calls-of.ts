/** Hangs up the live calls of owners who are about to be deleted. */
import type { CallId } from '#domain/call.ts';
import type { LiveCallsStore } from './live-calls.store.ts';

export type EndCallsDeps = {
  liveCalls: LiveCallsStore;
  hangUp: (callId: CallId) => unknown;
  /** How long to wait for farewell, BYE and the last commit. */
  patienceMs?: number;
};

/** Resolves when none of their calls is live any more, or when it has taken too long. */
export const createEndCallsOf =
  ({ liveCalls, hangUp, patienceMs = 10_000 }: EndCallsDeps) =>
  async (ownerIds: readonly number[]): Promise<void> => {
    const owners = new Set<number | null>(ownerIds);
    const live = () => [...liveCalls.getSnapshot().context.calls.values()].filter(({ ownerId }) => owners.has(ownerId));
    for (const { callId } of live()) hangUp(callId);
    if (live().length === 0) return;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    const watching = liveCalls.subscribe(() => {
      if (live().length === 0) resolve();
    });
    await over;
    clearTimeout(timer);
    watching.unsubscribe();
  };
