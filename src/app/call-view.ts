/** What the read model shows of a call. */
import type { SnapshotFrom } from 'xstate';
import { NO_LINKS, type CallLinks } from '#domain/call.ts';
import type { OutgoingRoute } from '#domain/dial-plan.ts';
import type { RecordingState } from '#domain/records.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
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
  isOnHold: typeof value === 'object' && 'talking' in value && value.talking.media === 'onHold',
  held: context.isHeld === true,
  answeredAt: context.answeredAt,
  epoch: context.epoch,
  ...trunkOf(context),
  recording: RECORDING_STATES[stateOf(children.recording) ?? ''] ?? null,
  modelState: modelStateOf(children.model),
});

/** Of a call that we place: one trunk after the other may be tried. */
const trunkOf = ({ routes, routeIndex }: SnapshotFrom<CallLogic>['context']): LiveCallChange => {
  const route = routes[routeIndex];
  return route ? { trunkId: route.trunkId } : {};
};

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

type Begun = Pick<LiveCall, 'callId' | 'direction' | 'epoch' | 'startedAt'> & {
  invite?: Parties;
  links?: CallLinks;
  routes?: readonly OutgoingRoute[];
} & Partial<Parties>;
type Parties = Pick<LiveCall, 'callerNumber' | 'calledNumber'> & Pick<IncomingInvite, 'source'>;

const NOBODY: Pick<LiveCall, 'callerNumber' | 'calledNumber'> & { source?: IncomingInvite['source'] } = {
  callerNumber: null,
  calledNumber: null,
};

const nowhere = (): null => null;

/** Before the first transition. `trunkFrom`: by the host that a call comes from. */
export const firstView = (call: Begun, trunkFrom: (host: string) => number | null = nowhere): LiveCall => {
  const { callerNumber, calledNumber, source } = { ...NOBODY, ...(call.invite ?? call) };
  const { ownerId, leadId } = call.links ?? NO_LINKS;
  return {
    ...{ callId: call.callId, direction: call.direction, startedAt: call.startedAt, epoch: call.epoch },
    ...{ callerNumber, calledNumber, ownerId, leadId },
    trunkId: call.routes?.[0]?.trunkId ?? trunkFrom(source?.host ?? ''),
    state: 'opening',
    turn: null,
    isOnHold: false,
    held: false,
    answeredAt: null,
    quality: null,
    recording: null,
    modelState: null,
  };
};
