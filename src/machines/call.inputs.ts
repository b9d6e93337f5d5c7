/** What the children of a call begin with. */
import type { CallContext } from './call.types.ts';

export const signallingInput = ({ callId, direction, ...context }: CallContext) => ({
  callId,
  direction,
  abandoned: context.was === null ? null : { dialog: context.dialog, epoch: context.epoch },
  invite: {
    transactionId: context.transactionId,
    sipCallId: context.sipCallId,
    localTag: context.localTag,
    remoteTag: context.remoteTag ?? '',
    callerNumber: context.callerNumber,
    calledNumber: context.calledNumber,
    source: context.source,
    remoteSdp: context.remoteSdp,
  },
});

export const modelInput = ({ callId, generation, limits, isGreeted, resumptionHandle, ...context }: CallContext) => ({
  callId,
  generation,
  isGreeted,
  resumptionHandle,
  takeUp: context.was === null ? null : { turn: context.turn, heard: context.heard },
  closeMs: limits.modelCloseMs,
});

export const recordingInput = ({ callId, generation, take, callerNumber, calledNumber }: CallContext) => ({
  callId,
  generation,
  take,
  parties: { callerNumber, calledNumber },
});
