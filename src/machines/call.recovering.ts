/** A call that another process has lost: rejoined where it was, or brought to its end. Nothing of it is replayed. */
import type { LegOrigin } from '#domain/media-protocol.ts';
import type { CallSetup } from './call.setup.ts';

const cause = <C extends string>(name: C) => ({ type: 'recordCause', params: { cause: name } }) as const;

const wasIn = (...states: string[]) => ({ type: 'wasIn', params: { states } }) as const;

const lostBeforeAnswer = {
  target: '#call.closing',
  actions: {
    type: 'recordCause',
    params: { cause: 'fault', detail: 'The process was lost before the answer.' },
  },
} as const;

const SERVICE_UNAVAILABLE = 503;
const RETRY_AFTER_SECONDS = 5;

const dialogRegion = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'restoring',
    states: {
      restoring: {
        on: {
          'dialog.restored': 'restored',
          // A 200 that had left before it was written down: what it settled is learnt from the SIP server.
          'dialog.renegotiated': {
            actions: [
              { type: 'noteDialog', params: ({ event: { dialog, media } }) => ({ dialog, media }) },
              'connectMedia',
            ],
          },
          // The ACK was waiting at the SIP server: the call was answered after all.
          'dialog.acknowledged': { target: 'restored', actions: ['noteAcknowledgedMedia', 'connectMedia'] },
        },
      },
      restored: { type: 'final' },
    },
  });

const isElsewhere = (before: LegOrigin | null, { rtp }: LegOrigin): boolean =>
  before !== null && (before.rtp.host !== rtp.host || before.rtp.port !== rtp.port);

const mediaRegion = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'reopening',
    states: {
      reopening: {
        on: {
          'leg.opened': [
            // Its port was not to be had here: the peer is told of the new one.
            {
              guard: ({ context, event }) => isElsewhere(context.rtp, event),
              target: 'reopened',
              actions: [
                'noteRtp',
                'connectMedia',
                { type: 'signal', params: ({ event }) => ({ type: 'signalling.moveMedia', address: event.rtp }) },
              ],
            },
            { target: 'reopened', actions: ['noteRtp', 'connectMedia'] },
          ],
        },
      },
      reopened: { type: 'final' },
    },
  });

export const recoveringState = (call: CallSetup) =>
  call.createStateConfig({
    entry: [
      'noteRecovery',
      'noteHeardGreeting',
      'spawnMediaLeg',
      'spawnModelSession',
      'spawnRecording',
      'spawnTranscription',
      'spawnSignallingLeg',
    ],
    initial: 'choosing',
    on: {
      'caller.hungUp': { target: '#call.closing', actions: ['noteEndOfCaller', cause('callerHungUp')] },
      'caller.cancelled': { target: '#call.closing', actions: cause('callerCancelled') },
      'dialog.gone': { target: '#call.closing', actions: cause('callerHungUp') },
      'dialog.ackTimedOut': { target: '#call.closing', actions: cause('ackTimeout') },
      'leg.failed': {
        target: '#call.hangingUp.sayingGoodbye',
        actions: { type: 'recordCause', params: ({ event }) => ({ cause: 'mediaLost', detail: event.message }) },
      },
      'operator.hangUp': { target: '#call.hangingUp.sayingGoodbye', actions: cause('operatorHungUp') },
      'session.toolsCalled': { actions: 'keepIntents' },
      'session.toolsCancelled': { actions: 'dropIntents' },
      'system.shutDown': { target: '#call.hangingUp.sayingGoodbye', actions: cause('shutdown') },
    },
    states: {
      choosing: {
        always: [
          {
            guard: 'mayRing',
            target: '#call.cancelling',
            actions: { type: 'recordCause', params: { cause: 'fault', detail: 'The process was lost while it rang.' } },
          },
          { guard: wasIn('opening', 'alerting'), target: 'refusing' },
          { guard: wasIn('hangingUp'), target: '#call.hangingUp.sayingGoodbye' },
          { guard: wasIn('closing', 'ended'), target: '#call.closing' },
          { target: 'rejoining' },
        ],
      },
      // The caller may have given up before: then that is how the call ended.
      refusing: {
        entry: {
          type: 'signal',
          params: {
            type: 'signalling.refuse',
            status: SERVICE_UNAVAILABLE,
            retryAfterSeconds: RETRY_AFTER_SECONDS,
          },
        },
        on: {
          'signalling.refused': lostBeforeAnswer,
          'signalling.failed': lostBeforeAnswer,
          'dialog.gone': lostBeforeAnswer,
        },
        after: { rejoinTimeout: lostBeforeAnswer },
      },
      rejoining: {
        entry: [
          { type: 'command', params: { child: 'model', command: { type: 'session.connect' } } },
          { type: 'command', params: { child: 'recording', command: { type: 'recording.begin' } } },
        ],
        type: 'parallel',
        onDone: { target: '#call.talking', actions: 'noteAnsweredBefore' },
        after: { rejoinTimeout: { target: '#call.hangingUp.sayingGoodbye', actions: cause('fault') } },
        states: { dialog: dialogRegion(call), media: mediaRegion(call) },
      },
    },
  });
