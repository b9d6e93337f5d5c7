/** Transaction state machines as pure tables: state × event → state', actions. No clock, no sockets, no messages. */

export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M';

export type FsmEvent =
  | 'start'
  /** The request was received again. */
  | 'request'
  | 'ack'
  /** A CANCEL for this INVITE has left. */
  | 'cancel'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'transportError'
  | `timer${TimerName}`;

export type FsmAction =
  /** Send the message that came with the event, and keep it. */
  | { do: 'send' }
  /** Send the kept message again. */
  | { do: 'resend' }
  /** Acknowledge the failure that came with the event. */
  | { do: 'ack' }
  /** Hand the message that came with the event to the transaction user. */
  | { do: 'deliver' }
  | { do: 'start'; timer: TimerName; ms: number }
  | { do: 'stop'; timer: TimerName }
  | { do: 'report'; failure: 'timeout' | 'transport' }
  | { do: 'end' };

/** `retransmitMs`: current interval of the timer that doubles (A, E or G). */
export type FsmState<Name extends string> = { name: Name; retransmitMs: number };
export type Step<Name extends string> = { state: FsmState<Name>; actions: readonly FsmAction[] };

/** Base timers of RFC 3261 17.1.1.1 in ms; `reliable`: the transport retransmits itself. */
export type Timing = { t1Ms: number; t2Ms: number; t4Ms: number; reliable: boolean };

export type Row<Name extends string> = (state: FsmState<Name>, timing: Timing) => Step<Name>;
export type Table<Name extends string> = Readonly<Record<Name, Partial<Record<FsmEvent, Row<Name>>>>>;

export const DEFAULT_TIMING: Timing = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000, reliable: false };

/** One step of a machine; an event without a row changes nothing. */
export function advance<Name extends string>(
  table: Table<Name>,
  state: FsmState<Name>,
  event: FsmEvent,
  timing: Timing,
): Step<Name> {
  const row = table[state.name][event];
  return row ? row(state, timing) : { state, actions: [] };
}

export const send: FsmAction = { do: 'send' };
export const resend: FsmAction = { do: 'resend' };
export const ack: FsmAction = { do: 'ack' };
export const deliver: FsmAction = { do: 'deliver' };
export const end: FsmAction = { do: 'end' };
export const start = (timer: TimerName, ms: number): FsmAction => ({ do: 'start', timer, ms });
export const stop = (timer: TimerName): FsmAction => ({ do: 'stop', timer });
export const report = (failure: 'timeout' | 'transport'): FsmAction => ({ do: 'report', failure });
/** 64·T1: how long a transaction waits for what must come. */
export const patienceMs = (timing: Timing): number => 64 * timing.t1Ms;
