/**
 * One conversation with the model, over as many connections as it takes, one at a time.
 *
 *   idle ──▶ attached(connecting ──▶ ready ──▶ closing) ──▶ closed
 *              │  ▲ connection lost
 *              ▼  │ back-off
 *           recovering ──(budget spent, refused)──▶ lost
 */
import { assign, emit, enqueueActions, sendTo, setup } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { ModelFact } from '#domain/leg-facts.ts';
import type { ModelCloseCode, ToolResponse } from '#domain/media-protocol.ts';
import type { SessionEvent } from './call.types.ts';
import type { ModelSessionPorts, TakeUp } from './model-session.ports.ts';

export const MODEL_SESSION_MACHINE_VERSION = 1;

const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 4_000;
const RECOVERY_BUDGET_MS = 30_000;
/** 1007 and 1008 before a session ever worked: a wrong key, model or set-up, which trying again does not mend. */
const REFUSALS: readonly number[] = [1007, 1008];

export type ModelSessionEvent =
  | ModelFact
  | { type: 'session.connect' }
  | { type: 'session.greet' }
  | { type: 'session.takeUp'; takeUp: TakeUp }
  | { type: 'session.say'; text: string }
  | { type: 'session.respond'; responses: readonly ToolResponse[] }
  | { type: 'session.close' };

export type ModelSessionContext = {
  callId: CallId;
  generation: number;
  connection: number;
  resumptionHandle: string | null;
  /** Set in a call that was taken over, until the model has been told where it is. */
  takeUp: TakeUp | null;
  wasReady: boolean;
  /** Of the present connection. */
  isOpen: boolean;
  /** The connection before was lost in the middle of what the model was saying. */
  isCut: boolean;
  wantsGreeting: boolean;
  isGreeted: boolean;
  attempts: number;
  /** When the present connection opened; null while there is none. */
  openedAt: number | null;
  /** Start of the present run of faults; null once a turn has been completed since. */
  faultySince: number | null;
  lastFault: string;
  closeMs: number;
};

/** A connection that held for as long as the budget lasts was a good one, also when no turn was completed on it. */
const hasHeld = ({ openedAt }: ModelSessionContext, nowMs: number): boolean =>
  openedAt !== null && nowMs - openedAt >= RECOVERY_BUDGET_MS;

const nextFault = ({ attempts, faultySince }: ModelSessionContext, nowMs: number) => ({
  attempts: attempts + 1,
  faultySince: faultySince ?? nowMs,
});

export const createModelSessionMachine = ({ actors, now }: ModelSessionPorts) =>
  setup({
    types: {} as {
      input: {
        callId: CallId;
        generation: number;
        closeMs: number;
        isGreeted: boolean;
        resumptionHandle: string | null;
        takeUp: TakeUp | null;
      };
      context: ModelSessionContext;
      events: ModelSessionEvent;
      emitted: { type: 'session.eventIgnored'; ignored: string };
    },
    actors,
    actions: {
      nextConnection: assign({ connection: ({ context }) => context.connection + 1, isOpen: false }),
      wantGreeting: assign({ wantsGreeting: true }),
      noteReady: assign({ wasReady: true, isOpen: true, isCut: false, openedAt: now }),
      noteCut: assign({ isCut: ({ context }, params: { isCut: boolean }) => context.isCut || params.isCut }),
      noteGreeted: assign({ isGreeted: true }),
      noteProgress: assign({ attempts: 0, faultySince: null }),
      noteFault: assign(({ context }, { fault }: { fault: string }) => ({
        ...(hasHeld(context, now()) ? { attempts: 1, faultySince: now() } : nextFault(context, now())),
        openedAt: null,
        lastFault: fault,
      })),
      keepHandle: assign({ resumptionHandle: (_, params: { handle: string | null }) => params.handle }),
      forgetHandle: assign({ resumptionHandle: null }),
      greet: sendTo('connection', { type: 'connection.greet' }),
      takeUp: sendTo('connection', ({ context }) => ({
        type: 'connection.takeUp',
        takeUp: context.takeUp ?? { turn: null, heard: null },
      })),
      forgetTakeUp: assign({ takeUp: null }),
      takeUpFrom: sendTo('connection', (_, params: { takeUp: TakeUp }) => ({ type: 'connection.takeUp', ...params })),
      say: sendTo('connection', (_, params: { text: string }) => ({ type: 'connection.say', ...params })),
      respond: sendTo('connection', (_, params: { responses: readonly ToolResponse[] }) => ({
        type: 'connection.respond',
        ...params,
      })),
      closeConnection: sendTo('connection', ({ context }) => ({
        type: 'connection.close',
        deadlineMs: context.closeMs,
      })),
      // Looked at on its own, from the journal, the machine has no call to tell.
      tellCall: enqueueActions(({ enqueue, self }, params: SessionEvent) => {
        if (self._parent) enqueue.sendTo(self._parent, params);
      }),
      tellBack: enqueueActions(({ enqueue, self, context: { wasReady, isCut } }) => {
        if (wasReady && self._parent) enqueue.sendTo(self._parent, { type: 'session.back', isCut });
      }),
      emitIgnored: emit(({ event }) => ({ type: 'session.eventIgnored', ignored: event.type })),
    },
    guards: {
      isOwnEvent: ({ event }) => !event.type.startsWith('xstate.'),
      isGreetingDue: ({ context }) => context.wantsGreeting && !context.isGreeted,
      /** Nobody owed a word: the model waits for the caller, and any text would make it speak. */
      isTakeUpDue: ({ context }) => context.takeUp !== null && context.takeUp.turn !== 'listening',
      /** The handle is no good: the next connection is a fresh session. */
      isHandleRefused: ({ context }) => context.resumptionHandle !== null && !context.isOpen,
      isRefused: ({ context }, { by, code }: { by: ModelCloseCode; code: number }) =>
        !context.wasReady && by === 'closed' && REFUSALS.includes(code),
      isBudgetSpent: ({ context }) => context.faultySince !== null && now() - context.faultySince >= RECOVERY_BUDGET_MS,
    },
    delays: {
      backOff: ({ context }) => Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (context.attempts - 1)),
      /** The worker terminates at its own deadline; this one covers a worker that does not answer. */
      closeDeadline: ({ context }) => context.closeMs + 500,
    },
  }).createMachine({
    id: 'modelSession',
    context: ({ input }) => ({
      callId: input.callId,
      generation: input.generation,
      connection: 0,
      resumptionHandle: input.resumptionHandle,
      takeUp: input.takeUp,
      wasReady: false,
      isOpen: false,
      isCut: false,
      wantsGreeting: false,
      isGreeted: input.isGreeted,
      attempts: 0,
      openedAt: null,
      faultySince: null,
      lastFault: '',
      closeMs: input.closeMs,
    }),
    initial: 'idle',
    on: {
      '*': { guard: 'isOwnEvent', actions: 'emitIgnored' },
      'session.greet': { actions: 'wantGreeting' },
    },
    states: {
      idle: {
        on: {
          'session.connect': { target: 'attached', actions: 'nextConnection' },
          'session.close': 'closed',
        },
      },
      attached: {
        initial: 'connecting',
        invoke: {
          id: 'connection',
          src: 'liveConnection',
          input: ({ context: { callId, generation, connection, resumptionHandle, isGreeted } }) => ({
            callId,
            generation,
            connection,
            resumptionHandle,
            isGreeted,
          }),
          onError: {
            target: 'recovering',
            actions: { type: 'noteFault', params: ({ event }) => ({ fault: String(event.error) }) },
          },
        },
        on: {
          'session.close': '.closing',
          'model.closed': [
            {
              guard: 'isHandleRefused',
              target: 'recovering',
              actions: [
                'forgetHandle',
                { type: 'noteFault', params: ({ event }) => ({ fault: `${event.code} ${event.reason}` }) },
              ],
            },
            {
              guard: { type: 'isRefused', params: ({ event: { by, code } }) => ({ by, code }) },
              target: 'lost',
              actions: { type: 'noteFault', params: ({ event }) => ({ fault: `${event.code} ${event.reason}` }) },
            },
            {
              target: 'recovering',
              actions: [
                { type: 'noteCut', params: ({ event }) => ({ isCut: event.isCut === true }) },
                {
                  type: 'noteFault',
                  params: ({ event }) => ({ fault: `${event.by} ${event.code} ${event.reason}`.trim() }),
                },
              ],
            },
          ],
        },
        states: {
          connecting: {
            on: {
              'model.opened': { target: 'ready', actions: ['tellBack', 'noteReady'] },
            },
          },
          ready: {
            entry: { type: 'tellCall', params: { type: 'session.ready' } },
            initial: 'conversing',
            states: {
              conversing: {
                always: [
                  { guard: 'isGreetingDue', target: 'greeting' },
                  { guard: 'isTakeUpDue', actions: ['takeUp', 'forgetTakeUp'] },
                ],
              },
              greeting: { entry: 'greet' },
            },
            on: {
              'session.say': { actions: { type: 'say', params: ({ event }) => ({ text: event.text }) } },
              'session.takeUp': { actions: { type: 'takeUpFrom', params: ({ event: { takeUp } }) => ({ takeUp }) } },
              'session.respond': {
                actions: { type: 'respond', params: ({ event }) => ({ responses: event.responses }) },
              },
              'model.greeted': {
                target: '.conversing',
                actions: ['noteGreeted', { type: 'tellCall', params: { type: 'session.greeted' } }],
              },
              'model.turnCompleted': { actions: 'noteProgress' },
              'model.interrupted': {},
              'model.used': {},
              'model.goingAway': {},
              'model.resumptionUpdated': {
                guard: ({ event }) => event.resumable && event.handle !== null,
                actions: [
                  { type: 'keepHandle', params: ({ event: { handle } }) => ({ handle }) },
                  { type: 'tellCall', params: ({ event: { handle } }) => ({ type: 'session.resumable', handle }) },
                ],
              },
              'model.toolCalled': {
                actions: {
                  type: 'tellCall',
                  params: ({ event }) => ({ type: 'session.toolsCalled', calls: event.calls }),
                },
              },
              'model.toolCancelled': {
                actions: {
                  type: 'tellCall',
                  params: ({ event }) => ({ type: 'session.toolsCancelled', ids: event.ids }),
                },
              },
            },
          },
          closing: {
            entry: 'closeConnection',
            after: { closeDeadline: '#modelSession.closed' },
            on: {
              'model.closed': '#modelSession.closed',
              // Words and results that were under way when the call ended have no one to go to.
              'session.say': {},
              'session.takeUp': {},
              'session.respond': {},
              'session.close': {},
              'session.greet': {},
            },
          },
        },
      },
      recovering: {
        always: { guard: 'isBudgetSpent', target: 'lost' },
        after: { backOff: { target: 'attached', actions: 'nextConnection' } },
        on: { 'session.close': 'closed' },
      },
      lost: {
        entry: {
          type: 'tellCall',
          params: ({ context }) => ({ type: 'session.lost', detail: context.lastFault }),
        },
        on: { 'session.close': 'closed' },
      },
      closed: {
        type: 'final',
        entry: { type: 'tellCall', params: { type: 'session.closed' } },
      },
    },
  });

export type ModelSessionLogic = ReturnType<typeof createModelSessionMachine>;
