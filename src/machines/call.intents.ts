/** What is wanted of the call by its model, or an operator: to be ended, to be transferred. */
import type { CallSetup } from './call.setup.ts';

const cause = <C extends string>(name: C) => ({ type: 'recordCause', params: { cause: name } }) as const;

export const intentsRegion = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'attending',
    states: {
      attending: {
        // Of a call that is rejoined: its agent had said goodbye, or has asked for something meanwhile.
        always: [
          { guard: 'isTakingLeave', target: 'departing', actions: 'forgetIntents' },
          { guard: 'hasIntents', target: 'committingIntent' },
        ],
        on: {
          'session.toolsCalled': { target: 'committingIntent', actions: 'keepIntents' },
          'operator.transfer': { target: 'committingIntent', actions: 'keepOperatorIntent' },
        },
      },
      // A tool takes effect only once its intent is durable.
      committingIntent: {
        entry: 'keepOutcome',
        invoke: {
          src: 'commit',
          input: ({ context }) => ({ callId: context.callId, barrier: 'intent', timeoutMs: context.limits.commitMs }),
          onDone: [
            { guard: 'wantsToEnd', target: 'departing', actions: ['respondToIntents', 'forgetIntents'] },
            { guard: 'wantsTransfer', target: 'transferring' },
            { target: 'attending', actions: ['respondToIntents', 'forgetIntents'] },
          ],
          onError: [
            {
              guard: 'wantsToEnd',
              target: 'departing',
              actions: ['forgetIntents', { type: 'emitFailure', params: ({ event }) => failure(event.error) }],
            },
            {
              target: 'attending',
              actions: ['forgetIntents', { type: 'emitFailure', params: ({ event }) => failure(event.error) }],
            },
          ],
        },
        on: {
          'session.toolsCancelled': { actions: 'dropIntents' },
          'session.toolsCalled': { target: 'committingIntent', reenter: true, actions: 'keepIntents' },
        },
      },
      // The other side is calling somebody else in our place; until it has them, the agent stays.
      transferring: {
        entry: 'transfer',
        initial: 'asking',
        on: {
          'transfer.completed': { target: '#call.hangingUp.sayingGoodbye', actions: cause('transferred') },
          'transfer.failed': {
            target: 'attending',
            actions: [{ type: 'tellTransferFailed', params: ({ event: { reason } }) => ({ reason }) }, 'forgetIntents'],
          },
          'signalling.failed': {
            guard: ({ event }) => event.step === 'signalling.transfer',
            target: 'attending',
            actions: [
              { type: 'tellTransferFailed', params: ({ event: { message } }) => ({ reason: message }) },
              'forgetIntents',
            ],
          },
          'session.toolsCalled': {},
          'operator.transfer': {},
        },
        after: {
          transferTimeout: {
            target: 'attending',
            actions: [{ type: 'tellTransferFailed', params: { reason: 'nobody answered' } }, 'forgetIntents'],
          },
        },
        states: {
          asking: { on: { 'transfer.accepted': 'accepted' } },
          // Some hang up as soon as they have reached the other one.
          accepted: {
            on: {
              'caller.hungUp': { target: '#call.closing', actions: ['noteEndOfCaller', cause('transferred')] },
            },
          },
        },
      },
      // The model has said goodbye; the caller hears all of it.
      departing: {
        entry: [cause('agentHungUp'), { type: 'mediate', params: { type: 'media.drain' } }],
        on: { 'playout.drained': '#call.hangingUp.sayingGoodbye', 'session.toolsCalled': {} },
        after: { farewellTimeout: '#call.hangingUp.sayingGoodbye' },
      },
    },
  });

const failure = (error: unknown) => ({ step: 'commit', error });
