/** States of a call before it is answered. */
import type { CallSetup } from './call.setup.ts';
import { dialogGone } from './call.types.ts';

const refuse = (status: number, retryAfterSeconds: number | null = null) =>
  ({ type: 'signal', params: { type: 'signalling.refuse', status, retryAfterSeconds } }) as const;

const cause = <C extends string>(name: C) => ({ type: 'recordCause', params: { cause: name } }) as const;

/** Temporarily Unavailable (RFC 3261 21.4.18): nobody here takes this call any more. */
const UNAVAILABLE = 480;
const SERVICE_UNAVAILABLE = 503;
const RETRY_AFTER_SECONDS = 5;

export const openingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: ['spawnMediaLeg', 'spawnModelSession', 'spawnRecording', 'spawnTranscription', 'spawnSignallingLeg'],
    initial: 'bindingMedia',
    on: {
      'caller.cancelled': { target: '#call.closing', actions: cause('callerCancelled') },
      'caller.hungUp': { target: '#call.closing', actions: cause('callerHungUp') },
      'operator.hangUp': { target: '#call.closing', actions: [refuse(UNAVAILABLE), cause('operatorHungUp')] },
      'system.shutDown': {
        target: '#call.closing',
        actions: [refuse(SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS), cause('shutdown')],
      },
    },
    states: {
      bindingMedia: {
        on: {
          'leg.opened': { target: 'committing', actions: 'noteRtp' },
          'leg.failed': {
            target: '#call.closing',
            actions: [
              refuse(SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS),
              {
                type: 'recordCause',
                params: ({ event }) => ({ cause: 'mediaLost', detail: `${event.code}: ${event.message}` }),
              },
            ],
          },
        },
        after: {
          mediaOpenTimeout: {
            target: '#call.closing',
            actions: [refuse(SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS), cause('mediaLost')],
          },
        },
      },
      // No 101-299 answer leaves before the row is durable.
      committing: {
        invoke: {
          src: 'commit',
          input: ({ context }) => ({ callId: context.callId, barrier: 'opened', timeoutMs: context.limits.commitMs }),
          onDone: [{ guard: 'isInbound', target: '#call.alerting' }, { target: '#call.dialling' }],
          onError: {
            target: '#call.closing',
            actions: [
              refuse(SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS),
              cause('commitFailed'),
              { type: 'emitFailure', params: ({ event }) => ({ step: 'commit', error: event.error }) },
            ],
          },
        },
      },
    },
  });

export const alertingState = (call: CallSetup) =>
  call.createStateConfig({
    entry: [
      { type: 'setDeadline', params: ({ context }) => ({ name: 'answer', inMs: context.limits.answerDelayMs }) },
      { type: 'signal', params: { type: 'signalling.ring' } },
      { type: 'command', params: { child: 'model', command: { type: 'session.connect' } } },
    ],
    on: {
      'session.ready': '#call.answering',
      'dialog.gone': {
        target: '#call.closing',
        actions: { type: 'recordCause', params: ({ event }) => dialogGone(event.reason) },
      },
      'session.lost': {
        target: '#call.closing',
        actions: [
          refuse(SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS),
          { type: 'recordCause', params: ({ event }) => ({ cause: 'modelLost', detail: event.detail }) },
        ],
      },
      'caller.cancelled': { target: '#call.closing', actions: cause('callerCancelled') },
      'caller.hungUp': { target: '#call.closing', actions: cause('callerHungUp') },
      'operator.hangUp': { target: '#call.closing', actions: [refuse(UNAVAILABLE), cause('operatorHungUp')] },
      'system.shutDown': {
        target: '#call.closing',
        actions: [refuse(SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS), cause('shutdown')],
      },
      'leg.failed': { target: '#call.closing', actions: [refuse(SERVICE_UNAVAILABLE), cause('mediaLost')] },
      'signalling.failed': {
        target: '#call.closing',
        actions: { type: 'recordCause', params: ({ event }) => ({ cause: 'fault', detail: event.message }) },
      },
    },
    after: { answerDeadline: '#call.answering' },
  });

export const answeringState = (call: CallSetup) =>
  call.createStateConfig({
    entry: [
      { type: 'setDeadline', params: ({ context }) => ({ name: 'acknowledge', inMs: context.limits.acknowledgeMs }) },
      'answer',
      { type: 'command', params: { child: 'recording', command: { type: 'recording.begin' } } },
    ],
    initial: 'waitingForAck',
    on: {
      'signalling.answered': {
        actions: [
          { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
          'connectMedia',
        ],
      },
      'signalling.failed': {
        target: '#call.closing',
        actions: { type: 'recordCause', params: ({ event }) => ({ cause: 'fault', detail: event.message }) },
      },
      'caller.cancelled': { target: '#call.closing', actions: cause('callerCancelled') },
      'caller.hungUp': { target: '#call.closing', actions: cause('callerHungUp') },
      'dialog.ackTimedOut': { target: '#call.closing', actions: cause('ackTimeout') },
      'dialog.gone': {
        target: '#call.closing',
        actions: { type: 'recordCause', params: ({ event }) => dialogGone(event.reason) },
      },
      'leg.failed': { target: '.endingAfterAck', actions: cause('mediaLost') },
      'operator.hangUp': { target: '.endingAfterAck', actions: cause('operatorHungUp') },
      'system.shutDown': { target: '.endingAfterAck', actions: cause('shutdown') },
      'session.lost': {
        target: '.endingAfterAck',
        actions: { type: 'recordCause', params: ({ event }) => ({ cause: 'modelLost', detail: event.detail }) },
      },
    },
    after: {
      acknowledgeDeadline: { target: '#call.hangingUp.sayingGoodbye', actions: cause('ackTimeout') },
    },
    states: {
      waitingForAck: {
        on: {
          'dialog.acknowledged': [
            { guard: 'lacksMedia', target: '#call.hangingUp.sayingGoodbye', actions: cause('mediaRefused') },
            { target: '#call.talking', actions: ['noteAnswered', 'noteAcknowledgedMedia', 'connectMedia'] },
          ],
        },
      },
      // A BYE before the ACK would race the 200 (RFC 3261 15: the callee's BYE waits for the ACK).
      endingAfterAck: {
        on: {
          'dialog.acknowledged': '#call.hangingUp.sayingGoodbye',
          'operator.hangUp': {},
          'system.shutDown': {},
        },
      },
    },
  });
