/** One registration machine for each trunk that registers: begun and ended as trunks come and go, each state kept in its row. */
import { createActor } from 'xstate';
import { createRegisterActor, createRegistrationLeaseActor } from '#actors/registration.actor.ts';
import type { Log } from '#domain/log.ts';
import type { RegisterAnswer, RegistrationRecord, Registrar } from '#domain/registration.ts';
import { trunkDomain, trunkUri, type RegistrationState, type Trunk } from '#domain/trunk.ts';
import { createRegistrationMachine, type RegistrationActor } from '#machines/registration.machine.ts';
import type { TrunkRegistrations } from '#persistence/trunk-registrations.ts';
import type { ActorRoster } from '#app/actor-roster.ts';
import type { TrunkDirectory } from './trunk-directory.ts';

export type RegistrationsDeps = {
  directory: Pick<TrunkDirectory, 'list' | 'find' | 'credentialsOf' | 'refresh' | 'onRefreshed'>;
  registrations: TrunkRegistrations;
  registrar: Registrar;
  roster: Pick<ActorRoster, 'enter'>;
  log: Log;
  now: () => number;
};

type Held = { actor: RegistrationActor; account: string; sipCallId: string };

/** What of a trunk a binding depends on. */
const accountOf = (trunk: Trunk, credentials: { password: string } | null): string => {
  const { host, port, transport, domain, username, authUsername } = trunk;
  return JSON.stringify([host, port, transport, domain, username, authUsername, credentials?.password]);
};

const stateOf = (value: unknown): RegistrationState => {
  const inner = typeof value === 'object' && value !== null && 'holding' in value ? value.holding : value;
  return inner === 'unregistering' ? 'stopped' : (inner as RegistrationState);
};

const TAKEN_AWAY: RegisterAnswer = { type: 'refused', cause: 'refused', detail: 'the trunk is gone' };

/** Calls nobody before `begin`. */
export const createRegistrations = (deps: RegistrationsDeps) => {
  const { directory, registrations, log, now } = deps;
  const held = new Map<number, Held>();
  /** The trunk as it was when its binding was made, to end it after the trunk is gone. */
  const lastKnown = new Map<number, { trunk: Trunk; credentials: { username: string; password: string } | null }>();

  const register = async (trunkId: number, seconds: number): Promise<RegisterAnswer> => {
    const trunk = directory.find(trunkId);
    if (trunk && seconds > 0) lastKnown.set(trunkId, { trunk, credentials: directory.credentialsOf(trunk) });
    const known = lastKnown.get(trunkId);
    if (!known || known.trunk.username === null) return TAKEN_AWAY;
    const { transport, username } = known.trunk;
    return deps.registrar.register({
      domain: trunkDomain(known.trunk),
      username,
      proxyUri: trunkUri(known.trunk),
      transport,
      credentials: known.credentials,
      sipCallId: held.get(trunkId)?.sipCallId ?? '',
      seconds,
    });
  };

  const holdLease = async (trunkId: number): Promise<boolean> => {
    const lease = await registrations.hold(trunkId);
    const entry = held.get(trunkId);
    if (entry) entry.sipCallId = lease.sipCallId;
    return lease.isOurs;
  };

  const onFault = (trunkId: number, error: unknown) =>
    log.debug({ trunkId, error: String(error) }, 'The lease of a registration was not renewed.');

  const leases = { register, holdLease, releaseLease: registrations.release, onFault };
  const logic = createRegistrationMachine({
    now,
    actors: { register: createRegisterActor(leases), lease: createRegistrationLeaseActor(leases) },
  });

  const keep = async (trunkId: number, record: RegistrationRecord): Promise<void> => {
    try {
      await registrations.save(trunkId, record);
      await directory.refresh();
    } catch (error) {
      log.debug({ trunkId, error: String(error) }, 'The state of a registration was not kept.');
    }
  };

  const report = (trunkId: number, { state, cause, detail }: RegistrationRecord) => {
    if (state === 'registered') log.info({ trunkId }, 'A trunk is registered.');
    if (state === 'refused') log.error({ trunkId, cause, detail }, 'The carrier refuses to register a trunk.');
    if (state === 'backingOff') log.warn({ trunkId, cause, detail }, 'A trunk could not be registered; tried again.');
  };

  const begin = (trunk: Trunk) => {
    const trunkId = trunk.id;
    const actor = createActor(logic, { id: `registration-${trunkId}`, input: { trunkId, expiresAt: null } });
    held.set(trunkId, { actor, account: accountOf(trunk, directory.credentialsOf(trunk)), sipCallId: '' });
    deps.roster.enter(actor);
    let last = '';
    actor.subscribe({
      next: ({ value, context: { trunkId: _id, ...context } }) => {
        const record = { ...context, state: stateOf(value) };
        if (JSON.stringify(record) === last) return;
        last = JSON.stringify(record);
        report(trunkId, record);
        if (record.state !== 'waiting') void keep(trunkId, record);
      },
      error: (error) => {
        log.error({ trunkId, error: String(error) }, 'A registration crashed; it begins anew.');
        held.delete(trunkId);
      },
      complete: () => {
        lastKnown.delete(trunkId);
        if (held.get(trunkId)?.actor === actor) held.delete(trunkId);
      },
    });
    actor.start();
  };

  const sync = () => {
    const wanted = new Map(
      directory
        .list()
        .filter(({ kind, isEnabled }) => kind === 'register' && isEnabled)
        .map((trunk) => [trunk.id, trunk]),
    );
    for (const [id, { actor }] of held) if (!wanted.has(id)) actor.send({ type: 'trunk.removed' });
    for (const [id, trunk] of wanted) {
      const entry = held.get(id);
      if (!entry) {
        begin(trunk);
        continue;
      }
      const account = accountOf(trunk, directory.credentialsOf(trunk));
      if (account !== entry.account) entry.actor.send({ type: 'trunk.changed' });
      entry.account = account;
    }
  };

  return {
    begin: () => {
      directory.onRefreshed(sync);
      sync();
    },
    /** The bindings stay: whoever comes next renews them, and calls that come meanwhile wait at the SIP server. */
    [Symbol.dispose]: () => {
      for (const { actor } of held.values()) actor.stop();
      held.clear();
    },
  };
};
