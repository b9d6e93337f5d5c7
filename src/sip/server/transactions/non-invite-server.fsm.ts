import { end, patienceMs, report, resend, send, start, type Row, type Table } from './fsm.ts';

/** Non-INVITE server transaction: RFC 3261 17.2.2. */
export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';
type NonInviteServerRow = Row<NonInviteServerState>;

const stay =
  (...actions: ReturnType<NonInviteServerRow>['actions']): NonInviteServerRow =>
  (state) => ({ state, actions });

const proceed: NonInviteServerRow = (state) => ({ state: { ...state, name: 'proceeding' }, actions: [send] });

const complete: NonInviteServerRow = (state, timing) =>
  timing.reliable
    ? { state: { ...state, name: 'terminated' }, actions: [send, end] }
    : { state: { ...state, name: 'completed' }, actions: [send, start('J', patienceMs(timing))] };

const fail: NonInviteServerRow = (state) => ({
  state: { ...state, name: 'terminated' },
  actions: [report('transport'), end],
});

export const nonInviteServerTable: Table<NonInviteServerState> = {
  trying: { provisional: proceed, success: complete, failure: complete },
  proceeding: {
    request: stay(resend),
    provisional: stay(send),
    success: complete,
    failure: complete,
    transportError: fail,
  },
  completed: {
    request: stay(resend),
    transportError: fail,
    timerJ: (state) => ({ state: { ...state, name: 'terminated' }, actions: [end] }),
  },
  terminated: {},
};

export const nonInviteServerStart = { name: 'trying', retransmitMs: 0 } as const;
