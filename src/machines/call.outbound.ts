/** States of a call that we place, until it is answered or refused. */
import type { CallSetup } from './call.setup.ts';

const cause = <C extends string>(name: C) => ({ type: 'recordCause', params: { cause: name } }) as const;

const connectModel = { type: 'command', params: { child: 'model', command: { type: 'session.connect' } } } as const;
const beginRecording = {
  type: 'command',
  params: { child: 'recording', command: { type: 'recording.begin' } },
} as const;

const modelLost = (detail: string) => ({ cause: 'modelLost', detail }) as const;

const untilFinal = {
  'callee.refused': { target: '#call.closing', actions: 'recordRefusal' },
  'dialog.gone': { target: '#call.closing', actions: cause('fault') },
  'signalling.failed': { target: '#call.closing', actions: cause('trunkUnavailable') },
  'operator.hangUp': { target: '#call.cancelling', actions: cause('operatorHungUp') },
  'system.shutDown': { target: '#call.cancelling', actions: cause('shutdown') },
  'leg.failed': { target: '#call.cancelling', actions: cause('mediaLost') },
  // Nobody could be talked with: it had better not ring on.
  'session.lost': {
    target: '#call.cancelling',
    actions: { type: 'recordCause', params: ({ event }: { event: { detail: string } }) => modelLost(event.detail) },
  },
} as const;

/** A 2xx is acknowledged whatever it says; without an address there is nobody to talk to (RFC 3261 13.2.2.4). */
const unusableAnswer = {
  guard: 'isAnsweredWithoutMedia',
  target: '#call.hangingUp.sayingGoodbye',
  actions: cause('mediaRefused'),
} as const;

export const diallingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: [{ type: 'setDeadline', params: ({ context }) => ({ name: 'ring', inMs: context.limits.ringMs }) }, 'place'],
    on: {
      ...untilFinal,
      'callee.refused': [
        { guard: 'canChangeTrunk', target: '#call.rerouting' },
        { target: '#call.closing', actions: 'recordRefusal' },
      ],
      'callee.ringing': { target: '#call.ringing', actions: ['noteRinging', 'noteEarlyMedia', 'connectEarlyMedia'] },
      'callee.answered': [
        unusableAnswer,
        {
          target: '#call.talking',
          actions: [
            { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
            'noteAnswered',
            'connectMedia',
            connectModel,
            beginRecording,
          ],
        },
      ],
    },
    after: { ringDeadline: { target: '#call.cancelling', actions: cause('noAnswer') } },
  });

/** The trunk is down and nobody has heard of the call: it goes out again over the next one that has room. */
export const reroutingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: 'takeNextRoute',
    initial: 'changing',
    on: {
      'operator.hangUp': { target: '#call.closing', actions: cause('operatorHungUp') },
      'system.shutDown': { target: '#call.closing', actions: cause('shutdown') },
      'leg.failed': { target: '#call.closing', actions: cause('mediaLost') },
      'callee.refused': {},
    },
    after: { ringDeadline: { target: '#call.closing', actions: cause('noAnswer') } },
    states: {
      changing: {
        invoke: {
          src: 'changeTrunk',
          input: ({ context: { callId, routes, routeIndex } }) => ({
            callId,
            trunkId: routes[routeIndex]?.trunkId ?? 0,
          }),
          onDone: [
            { guard: ({ event }) => event.output, target: 'committing' },
            { guard: 'hasNextRoute', target: '#call.rerouting', reenter: true },
            { target: '#call.closing', actions: cause('trunkUnavailable') },
          ],
          onError: {
            target: '#call.closing',
            actions: [
              cause('trunkUnavailable'),
              { type: 'emitFailure', params: ({ event }) => ({ step: 'changeTrunk', error: event.error }) },
            ],
          },
        },
      },
      // The new Call-ID is durable before the INVITE that bears it leaves.
      committing: {
        invoke: {
          src: 'commit',
          input: ({ context }) => ({ callId: context.callId, barrier: 'opened', timeoutMs: context.limits.commitMs }),
          onDone: '#call.dialling',
          onError: {
            target: '#call.closing',
            actions: [
              cause('commitFailed'),
              { type: 'emitFailure', params: ({ event }) => ({ step: 'commit', error: event.error }) },
            ],
          },
        },
      },
    },
  });

export const ringingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: connectModel,
    on: {
      ...untilFinal,
      'callee.ringing': { actions: ['noteEarlyMedia', 'connectEarlyMedia'] },
      'callee.answered': [
        unusableAnswer,
        {
          target: '#call.talking',
          actions: [
            { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
            'noteAnswered',
            'connectMedia',
            beginRecording,
          ],
        },
      ],
    },
    after: { ringDeadline: { target: '#call.cancelling', actions: cause('noAnswer') } },
  });

export const cancellingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: { type: 'signal', params: { type: 'signalling.cancel' } },
    on: {
      'callee.refused': '#call.closing',
      // The 200 crossed our CANCEL: the SIP server has sent ACK and BYE (RFC 3261 9.1).
      'callee.answered': '#call.closing',
      'signalling.failed': '#call.closing',
      'dialog.gone': '#call.closing',
      'caller.hungUp': '#call.closing',
      'session.lost': {},
      'callee.ringing': {},
      'operator.hangUp': {},
      'system.shutDown': {},
    },
    after: { cancelTimeout: '#call.closing' },
  });
