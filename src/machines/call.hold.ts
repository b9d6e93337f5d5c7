/** Hold: the other side waits, and neither it nor the agent hears the other. */
import type { CallSetup } from './call.setup.ts';

/** Said to the model when the other side is back. */
const BACK = '[The other side was on hold and is back. Go on with the conversation; do not greet again.]';

const hold = <H extends boolean>(isHeld: H) =>
  ({ type: 'signal', params: { type: 'signalling.hold', isHeld } }) as const;
const suspend = <S extends boolean>(isSuspended: S) =>
  ({ type: 'mediate', params: { type: 'media.suspend', isSuspended } }) as const;
const noteHold = <H extends boolean>(isHeld: H) => ({ type: 'noteHold', params: { isHeld } }) as const;

export const holdRegion = (call: CallSetup) =>
  call.createStateConfig({
    initial: 'beginning',
    states: {
      beginning: { always: [{ guard: 'isHeld', target: 'held' }, { target: 'connected' }] },
      connected: { on: { 'operator.hold': 'holding' } },
      holding: {
        entry: hold(true),
        on: {
          'signalling.held': { target: 'held', actions: noteHold(true) },
          'signalling.failed': { guard: ({ event }) => event.step === 'signalling.hold', target: 'connected' },
        },
        after: { holdTimeout: 'connected' },
      },
      held: {
        entry: suspend(true),
        on: { 'operator.unhold': 'resuming' },
      },
      resuming: {
        entry: hold(false),
        on: {
          'signalling.held': {
            target: 'connected',
            actions: [
              noteHold(false),
              suspend(false),
              { type: 'command', params: { child: 'model', command: { type: 'session.say', text: BACK } } },
            ],
          },
          'signalling.failed': { guard: ({ event }) => event.step === 'signalling.hold', target: 'held' },
        },
        after: { holdTimeout: 'held' },
      },
    },
  });
