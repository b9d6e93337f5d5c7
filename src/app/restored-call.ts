/** A call as its last process left it, as an inert snapshot: nothing runs until it is told to recover. */
import type { SnapshotFrom } from 'xstate';
import type { ClaimedCall } from '#domain/ownership.ts';
import type { CallLogic } from '#machines/call.machine.ts';
import type { CallContext, CallInput } from '#machines/call.types.ts';
import { readContext, type CallRelease } from '#machines/call.upgrades.ts';

export type Restoration =
  { type: 'restored'; snapshot: SnapshotFrom<CallLogic> } | { type: 'unreadable'; reason: string };

/** In these a call has not yet got over an earlier loss: it still is where it was then. */
const UNDECIDED = ['restored', 'recovering'];

/** `release` is the present one. Never throws. */
export const restoredSnapshot = (logic: CallLogic, claimed: ClaimedCall, release?: CallRelease): Restoration => {
  const read = readContext(claimed, release);
  if (read.type === 'unreadable') return read;
  const { context } = read;
  const was = UNDECIDED.includes(claimed.state) ? (context.was ?? 'opening') : claimed.state;
  if (!(was in logic.states)) return { type: 'unreadable', reason: `it was lost in the unknown state "${was}"` };
  const snapshot = logic.resolveState({ value: 'restored', context: { ...context, was, epoch: claimed.epoch } });
  return { type: 'restored', snapshot };
};

/** What the call began with; written again as the first row of its new incarnation. */
export const inputOf = (context: CallContext): CallInput => {
  const { callId, direction, epoch, startedAt, language, limits, links } = context;
  const { transactionId, sipCallId, localTag, remoteTag, callerNumber, calledNumber, source, remoteSdp } = context;
  const invite = {
    transactionId,
    sipCallId,
    localTag,
    remoteTag: remoteTag ?? '',
    callerNumber,
    calledNumber,
    source,
    remoteSdp,
  };
  return { callId, direction, epoch, startedAt, language, limits, invite, ...(links ? { links } : {}) };
};
