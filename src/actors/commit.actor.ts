import { fromPromise } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { Journal } from '#domain/journal.ts';
import type { Barrier } from '#machines/call.ports.ts';

/**
 * A barrier: resolves once everything the call has done is durable. The transition into the state that waits here is
 * told to the journal only after this actor has been started, hence the microtask.
 */
export const createCommitActor = ({ journal }: { journal: Pick<Journal, 'durable'> }) =>
  fromPromise<void, { callId: CallId; barrier: Barrier; timeoutMs: number }>(async ({ input }) => {
    await Promise.resolve();
    await journal.durable(input.callId, { timeoutMs: input.timeoutMs });
  });
