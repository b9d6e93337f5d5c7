import { ack, deliver, end, patienceMs, report, resend, send, start, stop, type Row, type Table } from './fsm.ts';

/** INVITE client transaction: RFC 3261 17.1.1 with the Accepted state of RFC 6026 7.2. */
export type InviteClientState = 'initial' | 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';
type InviteClientRow = Row<InviteClientState>;

const stay =
  (...actions: ReturnType<InviteClientRow>['actions']): InviteClientRow =>
  (state) => ({ state, actions });

const terminate =
  (...actions: ReturnType<InviteClientRow>['actions']): InviteClientRow =>
  (state) => ({ state: { ...state, name: 'terminated' }, actions: [...actions, end] });

const call: InviteClientRow = (_, timing) => ({
  state: { name: 'calling', retransmitMs: timing.t1Ms },
  actions: [start('B', patienceMs(timing)), ...(timing.reliable ? [] : [start('A', timing.t1Ms)]), send],
});

const repeatCall: InviteClientRow = (state) => {
  const retransmitMs = 2 * state.retransmitMs;
  return { state: { ...state, retransmitMs }, actions: [resend, start('A', retransmitMs)] };
};

const proceed: InviteClientRow = (state) => ({
  state: { ...state, name: 'proceeding' },
  actions: [stop('A'), stop('B'), deliver],
});

const accept: InviteClientRow = (state, timing) => ({
  state: { ...state, name: 'accepted' },
  actions: [stop('A'), stop('B'), start('M', patienceMs(timing)), deliver],
});

const complete: InviteClientRow = (state, timing) =>
  timing.reliable
    ? { state: { ...state, name: 'terminated' }, actions: [stop('A'), stop('B'), ack, deliver, end] }
    : {
        state: { ...state, name: 'completed' },
        actions: [stop('A'), stop('B'), start('D', patienceMs(timing)), ack, deliver],
      };

/** After CANCEL the final response is awaited 64·T1, not for ever (RFC 3261 9.1). */
const awaitEnd: InviteClientRow = (state, timing) => ({ state, actions: [start('B', patienceMs(timing))] });

export const inviteClientTable: Table<InviteClientState> = {
  initial: { start: call },
  calling: {
    provisional: proceed,
    success: accept,
    failure: complete,
    timerA: repeatCall,
    timerB: terminate(report('timeout')),
    transportError: terminate(report('transport')),
  },
  proceeding: {
    provisional: stay(deliver),
    success: accept,
    failure: complete,
    cancel: awaitEnd,
    timerB: terminate(report('timeout')),
  },
  completed: { failure: stay(ack), timerD: terminate(), transportError: terminate() },
  accepted: { success: stay(deliver), timerM: terminate() },
  terminated: {},
};

export const inviteClientStart = { name: 'initial', retransmitMs: 0 } as const;
