import { end, patienceMs, report, resend, send, start, stop, type Table } from './fsm.ts';

/** The 2xx of an INVITE, sent until its ACK comes (RFC 3261 13.3.1.4); over a reliable transport it is only awaited. */
export type AcceptedAnswerState = 'initial' | 'waiting' | 'done';

export const acceptedAnswerTable: Table<AcceptedAnswerState> = {
  initial: {
    start: (_, timing) => ({
      state: { name: 'waiting', retransmitMs: timing.t1Ms },
      actions: [send, ...(timing.reliable ? [] : [start('G', timing.t1Ms)]), start('H', patienceMs(timing))],
    }),
  },
  waiting: {
    timerG: (state, timing) => {
      const retransmitMs = Math.min(2 * state.retransmitMs, timing.t2Ms);
      return { state: { ...state, retransmitMs }, actions: [resend, start('G', retransmitMs)] };
    },
    timerH: (state) => ({ state: { ...state, name: 'done' }, actions: [report('timeout'), end] }),
    ack: (state) => ({ state: { ...state, name: 'done' }, actions: [stop('G'), stop('H'), end] }),
  },
  done: {},
};

export const acceptedAnswerStart = { name: 'initial', retransmitMs: 0 } as const;
