/** What the read model shows of a call. */
import type { SnapshotFrom } from 'xstate';
import type { CallLinks } from '#domain/call.ts';
import type { RecordingState } from '#domain/records.ts';
import type { CallLogic } from '#machines/call.machine.ts';
import { topState } from './call-journal.ts';
import type { CallTurn, LiveCall, LiveCallChange } from './live-calls.store.ts';

const RECORDING_STATES: Readonly<Record<string, RecordingState>> = {
  taking: 'writing',
  publishing: 'finalising',
  reporting: 'failed',
  failed: 'failed',
  published: 'published',
};

export const liveView = ({ value, context, children }: SnapshotFrom<CallLogic>): LiveCallChange => ({
  state: topState(value),
  turn: typeof value === 'object' && 'talking' in value ? (topState(value.talking.turn) as CallTurn) : null,
  answeredAt: context.answeredAt,
  epoch: context.epoch,
  recording: RECORDING_STATES[stateOf(children.recording) ?? ''] ?? null,
  modelState: modelStateOf(children.model),
});

/** `ready` says more than the `attached` around it. */
const modelStateOf = (child: { getSnapshot(): unknown } | undefined): string | null => {
  const value = (child?.getSnapshot() as { value?: unknown } | undefined)?.value;
  if (typeof value === 'object' && value !== null && 'attached' in value) return topState(value.attached);
  return stateOf(child);
};

const stateOf = (child: { getSnapshot(): unknown } | undefined): string | null => {
  const value = (child?.getSnapshot() as { value?: unknown } | undefined)?.value;
  return value === undefined ? null : topState(value);
};

/** Before the first transition. */
export const firstView = (
  call: Pick<LiveCall, 'callId' | 'direction' | 'epoch' | 'startedAt'> & {
    invite?: Pick<LiveCall, 'callerNumber' | 'calledNumber'>;
    callerNumber?: string | null;
    calledNumber?: string | null;
    links?: CallLinks;
  },
): LiveCall => ({
  callId: call.callId,
  direction: call.direction,
  ownerId: call.links?.ownerId ?? null,
  state: 'opening',
  turn: null,
  callerNumber: call.invite?.callerNumber ?? call.callerNumber ?? null,
  calledNumber: call.invite?.calledNumber ?? call.calledNumber ?? null,
  startedAt: call.startedAt,
  answeredAt: null,
  quality: null,
  recording: null,
  modelState: null,
  epoch: call.epoch,
});
