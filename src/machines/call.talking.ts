/** The conversation: five things that go on at once while both sides are connected. */
import { not } from 'xstate';
import { detectionRegion } from './call.detection.ts';
import { holdRegion } from './call.hold.ts';
import { intentsRegion } from './call.intents.ts';
import type { CallSetup } from './call.setup.ts';
import { dialogGone, type CallTurn } from './call.types.ts';

const cause = <C extends string>(name: C) => ({ type: 'recordCause', params: { cause: name } }) as const;

/** What is said to the model when the call is about to reach its longest allowed duration. */
const DURATION_WARNING =
  '[The call must end in a few seconds. Tell the caller so in one short sentence, in the language of the call, and say goodbye.]';

const noteTurn = <T extends CallTurn>(turn: T) => ({ type: 'noteTurn', params: { turn } }) as const;

const mediaRegion = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'flowing',
    states: {
      flowing: { on: { 'media.starved': 'starved' } },
      starved: {
        on: { 'media.resumed': 'flowing' },
        after: { mediaLossTimeout: { target: '#call.hangingUp.sayingGoodbye', actions: cause('mediaLost') } },
      },
      onHold: { on: { 'media.starved': {}, 'media.resumed': {} } },
    },
    on: {
      'dialog.renegotiated': [
        {
          guard: { type: 'isHold', params: ({ event }) => ({ media: event.media }) },
          target: '.onHold',
          actions: [
            { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
            'connectMedia',
          ],
        },
        {
          target: '.flowing',
          actions: [
            { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
            'connectMedia',
          ],
        },
      ],
    },
  });

const turnRegion = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'beginning',
    states: {
      beginning: {
        always: [
          { guard: 'isGreeted', target: 'listening' },
          { guard: 'mustAwaitCallee', target: 'awaitingCallee' },
          { target: 'greeting' },
        ],
      },
      // A greeting is not to be played to nobody.
      awaitingCallee: {
        on: { 'media.heard': 'greeting', 'caller.startedSpeaking': 'greeting' },
        after: { calleeTimeout: 'greeting' },
      },
      greeting: {
        entry: [
          noteTurn('greeting'),
          { type: 'command', params: { child: 'model', command: { type: 'session.greet' } } },
        ],
        on: {
          'session.greeted': { target: 'listening', actions: 'noteGreeted' },
          'agent.startedSpeaking': { actions: 'noteVoice' },
          'agent.stoppedSpeaking': { actions: 'noteVoice' },
          // The callee's "hello" does not end the greeting; it is given to the model after it.
          'caller.startedSpeaking': {},
          'caller.stoppedSpeaking': {},
        },
      },
      listening: {
        entry: noteTurn('listening'),
        on: { 'caller.startedSpeaking': 'callerSpeaking', 'agent.startedSpeaking': 'agentSpeaking' },
      },
      callerSpeaking: {
        entry: noteTurn('callerSpeaking'),
        on: { 'caller.stoppedSpeaking': 'thinking', 'agent.startedSpeaking': 'agentSpeaking' },
      },
      thinking: {
        entry: noteTurn('thinking'),
        on: { 'agent.startedSpeaking': 'agentSpeaking', 'caller.startedSpeaking': 'callerSpeaking' },
      },
      agentSpeaking: {
        entry: noteTurn('agentSpeaking'),
        initial: 'alone',
        states: {
          alone: {
            on: { 'caller.startedSpeaking': 'overlapped', 'agent.stoppedSpeaking': '#call.talking.turn.listening' },
          },
          // Both speak: a barge-in, unless the agent goes on.
          overlapped: {
            on: {
              'caller.stoppedSpeaking': 'alone',
              'playout.flushed': '#call.talking.turn.callerSpeaking',
              'agent.stoppedSpeaking': '#call.talking.turn.callerSpeaking',
            },
          },
        },
      },
    },
  });

const NOTE_HEARD = {
  type: 'noteHeard',
  params: ({ event: { turn, heardMs } }: { event: { turn: number; heardMs: number } }) => ({ turn, heardMs }),
} as const;

const speaks = <T extends 'quiet' | 'caller' | 'agent' | 'both'>(speaking: T) =>
  ({ target: speaking, actions: 'noteVoice' }) as const;

const limitsRegion = (call: CallSetup) =>
  call.createStateConfig({
    type: 'parallel',
    states: {
      duration: {
        entry: {
          type: 'setDeadline',
          params: ({ context }) => ({ name: 'maxDuration', inMs: context.limits.maxDurationMs }),
        },
        initial: 'running',
        states: {
          running: { after: { warningDeadline: 'warned' } },
          warned: {
            entry: {
              type: 'command',
              params: { child: 'model', command: { type: 'session.say', text: DURATION_WARNING } },
            },
            after: { durationDeadline: { target: '#call.hangingUp.sayingGoodbye', actions: cause('maxDuration') } },
          },
        },
      },
      // Silence is when neither of them speaks: it counts from the last voice.
      activity: {
        initial: 'quiet',
        states: {
          quiet: {
            on: {
              'caller.startedSpeaking': speaks('caller'),
              'agent.startedSpeaking': speaks('agent'),
              // Of somebody who began to speak while the call was being rejoined.
              'playout.heard': { target: 'quiet', reenter: true, actions: ['noteVoice', NOTE_HEARD] },
              'caller.stoppedSpeaking': { ...speaks('quiet'), reenter: true },
              // Who waits is silent; the time counts from when they are back.
              'signalling.held': { target: 'quiet', reenter: true, actions: 'noteVoice' },
            },
            after: {
              inactivityDeadline: {
                guard: not('isHeld'),
                target: '#call.hangingUp.sayingGoodbye',
                actions: cause('inactivity'),
              },
            },
          },
          caller: { on: { 'agent.startedSpeaking': speaks('both'), 'caller.stoppedSpeaking': speaks('quiet') } },
          agent: { on: { 'caller.startedSpeaking': speaks('both'), 'agent.stoppedSpeaking': speaks('quiet') } },
          both: { on: { 'caller.stoppedSpeaking': speaks('agent'), 'agent.stoppedSpeaking': speaks('caller') } },
        },
      },
    },
  });

export const talkingState = (call: CallSetup) =>
  call.createStateConfig({
    type: 'parallel',
    entry: 'forgetLoss',
    on: {
      'signalling.answered': {
        actions: [
          { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
          'connectMedia',
        ],
      },
      'playout.heard': { actions: NOTE_HEARD },
      'caller.hungUp': {
        target: '#call.closing',
        actions: ['noteEndOfCaller', { type: 'recordCause', params: ({ event }) => callerHungUp(event.reason) }],
      },
      'dialog.ackTimedOut': { target: '#call.closing', actions: cause('ackTimeout') },
      'dialog.gone': {
        target: '#call.closing',
        actions: { type: 'recordCause', params: ({ event }) => dialogGone(event.reason) },
      },
      'operator.say': {
        actions: {
          type: 'command',
          params: ({ event: { text } }) => ({ child: 'model', command: { type: 'session.say', text: `[${text}]` } }),
        },
      },
      'operator.hangUp': { target: '#call.hangingUp.sayingGoodbye', actions: cause('operatorHungUp') },
      'system.shutDown': { target: '#call.hangingUp.sayingGoodbye', actions: cause('shutdown') },
      'session.back': {
        guard: { type: 'owesWord', params: ({ event: { isCut } }) => ({ isCut }) },
        actions: {
          type: 'command',
          params: ({ context: { turn, heard } }) => ({
            child: 'model',
            command: { type: 'session.takeUp', takeUp: { turn: turn === 'thinking' ? turn : 'agentSpeaking', heard } },
          }),
        },
      },
      'session.lost': {
        target: '#call.hangingUp.playingOut',
        actions: [
          { type: 'recordCause', params: ({ event }) => ({ cause: 'modelLost', detail: event.detail }) },
          {
            type: 'mediate',
            params: ({ context: { language } }) => ({ type: 'media.apologise', language }),
          },
        ],
      },
      'leg.failed': {
        target: '#call.hangingUp.sayingGoodbye',
        actions: { type: 'recordCause', params: ({ event }) => ({ cause: 'mediaLost', detail: event.message }) },
      },
    },
    states: {
      media: mediaRegion(call),
      hold: holdRegion(call),
      model: intentsRegion(call),
      turn: turnRegion(call),
      detection: detectionRegion(call),
      limits: limitsRegion(call),
    },
  });

const callerHungUp = (reason: string | null) =>
  reason === null
    ? ({ cause: 'callerHungUp' } as const)
    : ({ cause: 'callerHungUp', detail: reason.slice(0, 200) } as const);
