/**
 * One phone call, from the INVITE to the settled row.
 *
 *  opening ─┬▶ alerting ─▶ answering ─┐
 * (barrier) │                         ├▶ talking ─▶ hangingUp ─┐
 *           └▶ dialling ─▶ ringing ───┘                        ├▶ closing ─▶ ended
 *                  └──────▶ cancelling ────────────────────────┘
 */
import type { ActorRefFrom } from 'xstate';
import { closingState, hangingUpState } from './call.closing.ts';
import { alertingState, answeringState, openingState } from './call.opening.ts';
import { cancellingState, diallingState, ringingState } from './call.outbound.ts';
import type { CallPorts } from './call.ports.ts';
import { createCallSetup } from './call.setup.ts';
import { talkingState } from './call.talking.ts';
import type { CallContext, CallInput } from './call.types.ts';

export const createCallMachine = (ports: CallPorts) => {
  const call = createCallSetup(ports);
  return call.createMachine({
    id: 'call',
    context: ({ input }) => initialContext(input),
    initial: 'opening',
    on: {
      '*': { guard: 'isOwnEvent', actions: 'emitIgnored' },
      'session.resumable': { actions: { type: 'noteHandle', params: ({ event: { handle } }) => ({ handle }) } },
      'recording.began': { actions: { type: 'noteRecording', params: ({ event }) => ({ path: event.path }) } },
    },
    states: {
      opening: openingState(call),
      alerting: alertingState(call),
      answering: answeringState(call),
      dialling: diallingState(call),
      ringing: ringingState(call),
      cancelling: cancellingState(call),
      talking: talkingState(call),
      hangingUp: hangingUpState(call),
      closing: closingState(call),
      ended: { type: 'final' },
    },
  });
};

const initialContext = ({ invite, ...input }: CallInput): CallContext => ({
  ...input,
  generation: 1,
  transactionId: invite.transactionId,
  sipCallId: invite.sipCallId,
  localTag: invite.localTag,
  remoteTag: invite.remoteTag,
  callerNumber: invite.callerNumber,
  calledNumber: invite.calledNumber,
  source: invite.source,
  remoteSdp: invite.remoteSdp,
  dialog: null,
  media: null,
  rtp: null,
  resumptionHandle: null,
  isGreeted: false,
  heard: null,
  recordingPath: null,
  openIntents: [],
  answeredAt: null,
  endedAt: null,
  lastVoiceAt: input.startedAt,
  wasRinging: false,
  deadlines: { answer: null, acknowledge: null, ring: null, maxDuration: null },
  cause: null,
  causeDetail: null,
  outcome: null,
});

export type CallLogic = ReturnType<typeof createCallMachine>;
export type CallActor = ActorRefFrom<CallLogic>;
