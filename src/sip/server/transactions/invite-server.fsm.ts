import { deliver, end, patienceMs, report, resend, send, start, stop, type Row, type Table } from './fsm.ts';

/** INVITE server transaction: RFC 3261 17.2.1 with the Accepted state of RFC 6026 7.1. */
export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';
type InviteServerRow = Row<InviteServerState>;

const stay =
  (...actions: ReturnType<InviteServerRow>['actions']): InviteServerRow =>
  (state) => ({ state, actions });

const terminate =
  (...actions: ReturnType<InviteServerRow>['actions']): InviteServerRow =>
  (state) => ({ state: { ...state, name: 'terminated' }, actions: [...actions, end] });

const accept: InviteServerRow = (state, timing) => ({
  state: { ...state, name: 'accepted' },
  actions: [send, start('L', patienceMs(timing))],
});

const refuse: InviteServerRow = (_, timing) => ({
  state: { name: 'completed', retransmitMs: timing.t1Ms },
  actions: [send, ...(timing.reliable ? [] : [start('G', timing.t1Ms)]), start('H', patienceMs(timing))],
});

const retransmitRefusal: InviteServerRow = (state, timing) => {
  const retransmitMs = Math.min(2 * state.retransmitMs, timing.t2Ms);
  return { state: { ...state, retransmitMs }, actions: [resend, start('G', retransmitMs)] };
};

const confirm: InviteServerRow = (state, timing) =>
  timing.reliable
    ? { state: { ...state, name: 'terminated' }, actions: [stop('G'), stop('H'), end] }
    : { state: { ...state, name: 'confirmed' }, actions: [stop('G'), stop('H'), start('I', timing.t4Ms)] };

export const inviteServerTable: Table<InviteServerState> = {
  proceeding: {
    request: stay(resend),
    provisional: stay(send),
    success: accept,
    failure: refuse,
    transportError: terminate(report('transport')),
  },
  completed: {
    request: stay(resend),
    ack: confirm,
    timerG: retransmitRefusal,
    timerH: terminate(report('timeout')),
    transportError: terminate(report('transport')),
  },
  // Absorbs further ACKs.
  confirmed: { timerI: terminate() },
  // Retransmitted INVITEs are absorbed; the 2xx is retransmitted by the transaction user (RFC 6026 8.3).
  accepted: { ack: stay(deliver), success: stay(send), transportError: stay(report('transport')), timerL: terminate() },
  terminated: {},
};

export const inviteServerStart = { name: 'proceeding', retransmitMs: 0 } as const;
