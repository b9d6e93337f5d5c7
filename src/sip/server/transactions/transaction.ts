import type { Clock, TimerHandle } from '#sip/server/clock.ts';
import {
  advance,
  type FsmAction,
  type FsmEvent,
  type FsmState,
  type Table,
  type Timing,
  type TimerName,
} from './fsm.ts';

/** What a transaction does to the world. `Received` is what the events from the network carry. */
export type TransactionEffects<Received> = {
  transmit(text: string): void;
  /** Acknowledge a failure (INVITE client only). */
  acknowledge?(received: Received): void;
  deliver?(received: Received): void;
  failed?(failure: 'timeout' | 'transport'): void;
  ended(): void;
};

/** What comes with an event: a message received, or the text of one to send. */
export type Carried<Received> = { received?: Received; text?: string };

export type Transaction<Received> = {
  dispatch(event: FsmEvent, carried?: Carried<Received>): void;
  stateName(): string;
  /** Ends without a word: no effect is called any more. */
  abandon(): void;
};

type TransactionSetup<Name extends string, Received> = {
  table: Table<Name>;
  initial: FsmState<Name>;
  timing: Timing;
  clock: Clock;
  effects: TransactionEffects<Received>;
};

/** Runs one state machine: executes its actions, owns its timers, which all end with it. */
export function createTransaction<Name extends string, Received>(
  setup: TransactionSetup<Name, Received>,
): Transaction<Received> {
  const { table, timing, clock, effects } = setup;
  const timers = new Map<TimerName, TimerHandle>();
  let state = setup.initial;
  let kept = '';
  let isAbandoned = false;

  const stopTimer = (timer: TimerName): void => {
    timers.get(timer)?.cancel();
    timers.delete(timer);
  };

  const stopAll = (): void => {
    for (const handle of timers.values()) handle.cancel();
    timers.clear();
  };

  const startTimer = (timer: TimerName, ms: number): void => {
    stopTimer(timer);
    const fire = (): void => {
      timers.delete(timer);
      dispatch(`timer${timer}`);
    };
    timers.set(timer, clock.after(ms, fire));
  };

  const perform = (action: FsmAction, carried: Carried<Received>): void => {
    switch (action.do) {
      case 'start':
        return startTimer(action.timer, action.ms);
      case 'stop':
        return stopTimer(action.timer);
      case 'report':
        return effects.failed?.(action.failure);
      case 'end':
        stopAll();
        return effects.ended();
      default:
        return exchange(action.do, carried);
    }
  };

  const exchange = (what: 'send' | 'resend' | 'ack' | 'deliver', { received, text }: Carried<Received>): void => {
    if (what === 'send' && text !== undefined) kept = text;
    if (what === 'send' || what === 'resend') {
      if (kept !== '') effects.transmit(kept);
      return;
    }
    if (received === undefined) return;
    if (what === 'ack') effects.acknowledge?.(received);
    else effects.deliver?.(received);
  };

  function dispatch(event: FsmEvent, carried: Carried<Received> = {}): void {
    if (isAbandoned) return;
    const step = advance(table, state, event, timing);
    state = step.state;
    for (const action of step.actions) perform(action, carried);
  }

  const abandon = (): void => {
    isAbandoned = true;
    stopAll();
  };

  return { dispatch, stateName: () => state.name, abandon };
}
