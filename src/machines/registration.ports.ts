import type { CallbackActorLogic, EventObject, PromiseActorLogic } from 'xstate';
import type { RegisterAnswer } from '#domain/registration.ts';

/** What a registration needs from the outside world. Implemented in `src/actors`. */
export type RegistrationActors = {
  /** Sends REGISTER, with 0 seconds to end the binding. */
  register: PromiseActorLogic<RegisterAnswer, { trunkId: number; seconds: number }>;
  /** Tells `lease.taken` once this application is the one that registers the trunk, and `lease.lost` when it no longer is. */
  lease: CallbackActorLogic<EventObject, { trunkId: number }>;
};

export type RegistrationPorts = {
  actors: RegistrationActors;
  /** Epoch milliseconds; the clock that drives the machine's delays. */
  now: () => number;
};
