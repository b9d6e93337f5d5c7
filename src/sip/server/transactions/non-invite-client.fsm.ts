import { deliver, end, patienceMs, report, resend, send, start, stop, type Row, type Table } from './fsm.ts';

/** Non-INVITE client transaction: RFC 3261 17.1.2. */
export type NonInviteClientState = 'initial' | 'trying' | 'proceeding' | 'completed' | 'terminated';
type NonInviteClientRow = Row<NonInviteClientState>;

const stay =
  (...actions: ReturnType<NonInviteClientRow>['actions']): NonInviteClientRow =>
  (state) => ({ state, actions });

const fail =
  (failure: 'timeout' | 'transport'): NonInviteClientRow =>
  (state) => ({ state: { ...state, name: 'terminated' }, actions: [report(failure), end] });

const ask: NonInviteClientRow = (_, timing) => ({
  state: { name: 'trying', retransmitMs: timing.t1Ms },
  actions: [start('F', patienceMs(timing)), ...(timing.reliable ? [] : [start('E', timing.t1Ms)]), send],
});

const askAgain: NonInviteClientRow = (state, timing) => {
  const retransmitMs = state.name === 'trying' ? Math.min(2 * state.retransmitMs, timing.t2Ms) : timing.t2Ms;
  return { state: { ...state, retransmitMs }, actions: [resend, start('E', retransmitMs)] };
};

const proceed: NonInviteClientRow = (state) => ({ state: { ...state, name: 'proceeding' }, actions: [deliver] });

const complete: NonInviteClientRow = (state, timing) =>
  timing.reliable
    ? { state: { ...state, name: 'terminated' }, actions: [stop('E'), stop('F'), deliver, end] }
    : {
        state: { ...state, name: 'completed' },
        actions: [stop('E'), stop('F'), start('K', timing.t4Ms), deliver],
      };

export const nonInviteClientTable: Table<NonInviteClientState> = {
  initial: { start: ask },
  trying: {
    provisional: proceed,
    success: complete,
    failure: complete,
    timerE: askAgain,
    timerF: fail('timeout'),
    transportError: fail('transport'),
  },
  proceeding: {
    provisional: stay(deliver),
    success: complete,
    failure: complete,
    timerE: askAgain,
    timerF: fail('timeout'),
    transportError: fail('transport'),
  },
  completed: { timerK: (state) => ({ state: { ...state, name: 'terminated' }, actions: [end] }) },
  terminated: {},
};

export const nonInviteClientStart = { name: 'initial', retransmitMs: 0 } as const;
