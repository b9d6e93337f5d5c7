/** Who has answered a call that we placed, and what is done when it is no person. A verdict is reversible until acted on. */
import { isPresumption } from '#domain/callee.ts';
import type { CallSetup } from './call.setup.ts';

const hangUp = {
  target: '#call.hangingUp.sayingGoodbye',
  actions: { type: 'recordCause', params: { cause: 'answeringMachine' } },
} as const;

/** Said to the model, in brackets: instructions, not speech. */
const LEAVE_MESSAGE =
  '[An answering machine has answered, and records you from now on. Say in the language of the call, in at most three ' +
  'short sentences, who calls, why, and that you will try again. Then end the call.]';
const TELL_SCREENER =
  '[This is not the person yet: a screening service asks who calls. Say in one sentence, in the language of the call, ' +
  'who you are and why you call, then wait until the person speaks.]';

const hush = (isHushed: boolean) => ({ type: 'mediate', params: { type: 'media.hush', isHushed } }) as const;

const say = (text: string) =>
  ({ type: 'command', params: { child: 'model', command: { type: 'session.say', text } } }) as const;

const note = <K extends 'human' | 'machine' | 'screener'>(callee: K) =>
  ({ type: 'noteCallee', params: { callee } }) as const;

export const detectionRegion = (call: CallSetup) =>
  call.createStateConfig({
    entry: 'detectCallee',
    initial: 'undecided',
    on: {
      'callee.detected': [
        { guard: ({ event }) => event.kind === 'human', target: '.human' },
        { guard: ({ event }) => event.kind === 'machine' && isPresumption(event.by), target: '.presumedMachine' },
        { guard: ({ event }) => event.kind === 'machine', target: '.machine' },
        { target: '.screener' },
      ],
    },
    states: {
      undecided: {},
      human: { entry: note('human') },
      screener: { entry: [note('screener'), say(TELL_SCREENER)] },
      // Many who greet for a business are there for a moment: nothing is done about it until it has stood.
      presumedMachine: { entry: note('machine'), after: { presumptionDelay: 'machine' } },
      machine: {
        entry: note('machine'),
        initial: 'choosing',
        states: {
          choosing: {
            always: [
              { guard: { type: 'isPolicy', params: { policy: 'hangUp' } }, target: 'leaving' },
              { guard: { type: 'isPolicy', params: { policy: 'leaveMessage' } }, target: 'awaitingBeep' },
              { target: 'endured' },
            ],
          },
          leaving: { on: { 'callee.beeped': hangUp }, after: { actDelay: hangUp } },
          // It is not talked to while it greets.
          awaitingBeep: {
            entry: hush(true),
            exit: hush(false),
            on: { 'callee.beeped': 'leavingMessage' },
            after: { beepTimeout: 'leavingMessage' },
          },
          leavingMessage: {
            entry: say(LEAVE_MESSAGE),
            on: { 'callee.detected': {} },
            after: {
              messageTimeout: {
                target: '#call.hangingUp.playingOut',
                actions: { type: 'recordCause', params: { cause: 'answeringMachine' } },
              },
            },
          },
          endured: {},
        },
      },
    },
  });
