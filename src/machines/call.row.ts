/** The columns of the call's row, as they follow from its state and context. */
import { NO_LINKS, terminalStatus, type CallStatus } from '#domain/call.ts';
import type { CallRow } from '#domain/journal.ts';
import type { CallContext } from './call.types.ts';

const LIVE_STATUS: Readonly<Record<string, CallStatus>> = {
  opening: 'pending',
  alerting: 'ringing',
  answering: 'ringing',
  dialling: 'dialing',
  rerouting: 'dialing',
  ringing: 'ringing',
  cancelling: 'ringing',
  talking: 'in_call',
  hangingUp: 'in_call',
};

/** A call that we place is dialling from its first commit on: the INVITE follows at once. */
const liveStatus = (state: string, { direction }: CallContext): CallStatus | undefined =>
  state === 'opening' && direction === 'outbound' ? 'dialing' : LIVE_STATUS[state];

/** `state` is the name of the top state. A call that is closing has its final status already. */
export const callRow = (state: string, context: CallContext): CallRow => ({
  direction: context.direction,
  status: liveStatus(state, context) ?? terminalStatus(context),
  callerNumber: context.callerNumber,
  calledNumber: context.calledNumber,
  sipCallId: context.sipCallId,
  startedAt: new Date(context.startedAt),
  answeredAt: dateOf(context.answeredAt),
  endedAt: LIVE_STATUS[state] ? null : dateOf(context.endedAt),
  cause: context.cause,
  causeDetail: context.causeDetail,
  answeredBy: context.callee ?? null,
  outcome: context.outcome,
  recordingPath: context.recordingPath,
  links: context.links ?? NO_LINKS,
  language: context.language,
});

const dateOf = (time: number | null) => (time === null ? null : new Date(time));
