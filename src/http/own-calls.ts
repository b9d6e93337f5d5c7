/** Calls of the native API belong to their owners, as those of the CRM do. */
import type { FastifyRequest } from 'fastify';
import { isCallId } from '#domain/call.ts';
import { canSee } from '#domain/user.ts';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallRecords } from './ports.ts';
import { callNotFound, Problem } from './problem.ts';

type Deps = { liveCalls: LiveCallsStore; records: Pick<CallRecords, 'ownerOf'> };

/** For routes about one call: 404 when it is not known, 403 when it is outside the viewer's scope. */
export const requireOwnCall =
  ({ liveCalls, records }: Deps) =>
  async ({ params, scope }: FastifyRequest): Promise<void> => {
    const { callId } = params as { callId?: string };
    if (callId === undefined || scope.kind === 'everyone') return;
    if (!isCallId(callId)) throw callNotFound();
    // The row first: a call changes hands when its agent is deleted.
    const known = (await records.ownerOf(callId)) ?? liveCalls.find(callId) ?? liveCalls.findEnded(callId)?.last;
    if (!known) throw callNotFound();
    if (!canSee(scope, known.ownerId)) throw new Problem(403, 'not_yours', 'This call belongs to somebody else.');
  };
