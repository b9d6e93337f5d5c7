/** A call as its last process left it, as an inert snapshot: nothing runs until it is told to recover. */
import type { SnapshotFrom } from 'xstate';
import type { ClaimedCall } from '#domain/ownership.ts';
import type { CallLogic } from '#machines/call.machine.ts';
import { CALL_MACHINE_VERSION, type CallContext, type CallInput } from '#machines/call.types.ts';

/** From each earlier version of the call machine: what its context needs to be read by the next one. */
const UPGRADES: Readonly<Record<number, (context: Record<string, unknown>) => Record<string, unknown>>> = {};

/** In these a call has not yet got over an earlier loss: it still is where it was then. */
const UNDECIDED = ['restored', 'recovering'];

/** Null when the context is of a version that cannot be read, or is no context of a call. */
export const restoredSnapshot = (logic: CallLogic, claimed: ClaimedCall): SnapshotFrom<CallLogic> | null => {
  const context = upgraded(claimed);
  if (!context) return null;
  const was = UNDECIDED.includes(claimed.state) ? (context.was ?? 'opening') : claimed.state;
  return logic.resolveState({ value: 'restored', context: { ...context, was, epoch: claimed.epoch } });
};

const upgraded = ({ context, machineVersion }: ClaimedCall): CallContext | null => {
  if (typeof context !== 'object' || context === null || machineVersion > CALL_MACHINE_VERSION) return null;
  let current: Record<string, unknown> = { ...context };
  for (let version = machineVersion; version < CALL_MACHINE_VERSION; version += 1) {
    const upgrade = UPGRADES[version];
    if (!upgrade) return null;
    current = upgrade(current);
  }
  return isCallContext(current) ? current : null;
};

const isCallContext = (value: object): value is CallContext =>
  'callId' in value && 'limits' in value && 'deadlines' in value && 'transactionId' in value;

/** What the call began with; written again as the first row of its new incarnation. */
export const inputOf = (context: CallContext): CallInput => {
  const { callId, direction, epoch, startedAt, language, limits } = context;
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
  return { callId, direction, epoch, startedAt, language, limits, invite };
};
