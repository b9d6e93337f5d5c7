/**
 * One phone call, from the INVITE to the settled row.
 *
 *  opening ─┬▶ alerting ─▶ answering ─┐        rerouting: the trunk is down, the next one is tried
 * (barrier) │                         ├▶ talking ─▶ hangingUp ─┐
 *           └▶ dialling ─▶ ringing ───┘                        ├▶ closing ─▶ ended
 *                  └──────▶ cancelling ────────────────────────┘
 *  restored ─(call.recover)─▶ recovering ─▶ talking, cancelling, hangingUp or closing
 */
import type { ActorRefFrom } from 'xstate';
import { closingState, hangingUpState } from './call.closing.ts';
import { alertingState, answeringState, openingState } from './call.opening.ts';
import { cancellingState, diallingState, reroutingState, ringingState } from './call.outbound.ts';
import type { CallPorts } from './call.ports.ts';
import { recoveringState } from './call.recovering.ts';
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
      'xstate.error.actor.model': {
        actions: [
          { type: 'noteCrash', params: { child: 'model' } },
          { type: 'emitFailure', params: ({ event }) => ({ step: 'modelSession', error: event.error }) },
          call.raise({ type: 'session.lost', detail: 'The model session crashed.' }),
        ],
      },
      'xstate.error.actor.recording': {
        actions: [
          { type: 'noteCrash', params: { child: 'recording' } },
          { type: 'emitFailure', params: ({ event }) => ({ step: 'recording', error: event.error }) },
        ],
      },
      'xstate.error.actor.transcription': {
        actions: [
          { type: 'noteCrash', params: { child: 'transcription' } },
          { type: 'emitFailure', params: ({ event }) => ({ step: 'transcription', error: event.error }) },
        ],
      },
      // Awaited where a greeting is due, and known elsewhere.
      'media.heard': {},
      'callee.beeped': {},
      'session.resumable': { actions: { type: 'noteHandle', params: ({ event: { handle } }) => ({ handle }) } },
      'recording.began': {
        actions: { type: 'noteTake', params: ({ event: { path, startedAt } }) => ({ path, startedAt }) },
      },
    },
    states: {
      opening: openingState(call),
      alerting: alertingState(call),
      answering: answeringState(call),
      dialling: diallingState(call),
      rerouting: reroutingState(call),
      ringing: ringingState(call),
      cancelling: cancellingState(call),
      talking: talkingState(call),
      hangingUp: hangingUpState(call),
      closing: closingState(call),
      ended: { type: 'final' },
      // Inert: nothing runs, nothing is sent, until the process says that the call is its own.
      restored: { on: { 'call.recover': 'recovering' } },
      recovering: recoveringState(call),
    },
  });
};

const initialContext = ({ invite, routes = [], ...input }: CallInput): CallContext => ({
  ...input,
  routes,
  routeIndex: 0,
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
  was: null,
  turn: null,
  take: null,
  resumptionHandle: null,
  isGreeted: false,
  heard: null,
  recordingPath: null,
  openIntents: [],
  crashed: [],
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
