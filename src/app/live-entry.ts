/** A call of this process, and what it is when it has crashed. */
import type { CallId, CallMetadata } from '#domain/call.ts';
import type { CallActor } from '#machines/call.machine.ts';
import type { CallContext } from '#machines/call.types.ts';
import type { CallJournal } from './call-journal.ts';

export type LiveEntry = {
  callId: CallId;
  epoch: number;
  actor: CallActor;
  journal: CallJournal;
  fault: Error | null;
  /** What the new row is to hold besides, until it is written. */
  metadata?: CallMetadata | undefined;
};

export const faultFrom = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

export const faulted = (context: CallContext, fault: Error, at: number): CallContext => ({
  ...context,
  endedAt: context.endedAt ?? at,
  cause: context.cause ?? 'fault',
  causeDetail: context.causeDetail ?? fault.message.slice(0, 500),
});
