import { fromCallback, fromPromise, type EventObject } from 'xstate';
import type { RegisterAnswer } from '#domain/registration.ts';

export type RegistrationActorsDeps = {
  register: (trunkId: number, seconds: number) => Promise<RegisterAnswer>;
  /** Take or renew the lease of a trunk; false while another application holds it. Rejects when nobody can be asked. */
  holdLease: (trunkId: number) => Promise<boolean>;
  releaseLease: (trunkId: number) => Promise<void>;
  onFault: (trunkId: number, error: unknown) => void;
};

const RENEW_EVERY_MS = 5_000;
/** Asked in vain for as long, another application may have taken it. */
const LEASE_MS = 20_000;

export const createRegisterActor = ({ register }: Pick<RegistrationActorsDeps, 'register'>) =>
  fromPromise<RegisterAnswer, { trunkId: number; seconds: number }>(({ input }) =>
    register(input.trunkId, input.seconds),
  );

/** Holds the lease of one trunk for as long as it runs. */
export const createRegistrationLeaseActor = ({ holdLease, releaseLease, onFault }: RegistrationActorsDeps) =>
  fromCallback<EventObject, { trunkId: number }>(({ input: { trunkId }, sendBack }) => {
    let isHeld = false;
    let isStopped = false;
    let answeredAt = Date.now();
    let timer: NodeJS.Timeout | null = null;

    const note = (isOurs: boolean) => {
      if (isStopped || isOurs === isHeld) return;
      isHeld = isOurs;
      sendBack({ type: isOurs ? 'lease.taken' : 'lease.lost' });
    };
    const ask = async (): Promise<void> => {
      try {
        const isOurs = await holdLease(trunkId);
        answeredAt = Date.now();
        note(isOurs);
      } catch (error) {
        onFault(trunkId, error);
        if (Date.now() - answeredAt > LEASE_MS) note(false);
      }
      if (!isStopped) timer = setTimeout(() => void ask(), RENEW_EVERY_MS);
    };
    void ask();

    return () => {
      isStopped = true;
      if (timer) clearTimeout(timer);
      if (isHeld) releaseLease(trunkId).catch((error: unknown) => onFault(trunkId, error));
    };
  });
