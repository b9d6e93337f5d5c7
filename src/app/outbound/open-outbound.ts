/** Opens what calls go out by: trunks, capacity, and the placing of calls. */
import type { Config } from '#config.ts';
import type { Log } from '#domain/log.ts';
import { createCapacityLeases } from '#persistence/capacity-leases.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import type { Database } from '#persistence/database.ts';
import { createLeadLookup } from '#persistence/lead-lookup.ts';
import { createTrunkRegistrations } from '#persistence/trunk-registrations.ts';
import { createTrunksRepository } from '#persistence/trunks.repository.ts';
import type { SipSignalling } from '#sip/sip-signalling.ts';
import type { ActorRoster } from '#app/actor-roster.ts';
import type { CallRegistry } from '#app/call-registry.ts';
import type { Seal } from '#app/seal.ts';
import { configuredTrunk } from './configured-trunk.ts';
import { carrierNetworks, mediaNetworks, trunkFrom } from './carrier-networks.ts';
import { createOutboundCalls } from './outbound-calls.ts';
import { createRegistrations } from './registrations.ts';
import { createTrunkDirectory } from './trunk-directory.ts';
import { createTrunkOffice } from './trunk-office.ts';

export type OutboundDeps = {
  config: Config;
  database: Database;
  seal: Seal;
  nodeId: string;
  registry: () => Pick<CallRegistry, 'place'>;
  signalling: Pick<SipSignalling, 'register' | 'allowCarriers'>;
  roster: Pick<ActorRoster, 'enter'>;
  log: Log;
};

const FREE_ORPHANS_EVERY_MS = 60_000;

/** Without the database the trunks become known later: until then no call is placed. */
export const openOutbound = async ({
  config,
  database,
  seal,
  nodeId,
  registry,
  signalling,
  roster,
  log,
}: OutboundDeps) => {
  using parts = new DisposableStack();
  const trunks = createTrunksRepository(database);
  const leases = createCapacityLeases(database, nodeId);
  const directory = parts.use(createTrunkDirectory({ trunks, seal, log, now: Date.now }));
  directory.onRefreshed(() => signalling.allowCarriers(carrierNetworks(directory.list())));
  const registrations = parts.use(
    createRegistrations({
      ...{ directory, registrar: signalling, roster, log, now: Date.now },
      registrations: createTrunkRegistrations(database, nodeId),
    }),
  );
  try {
    await trunks.keepConfigured(configuredTrunk(config, seal));
    await directory.refresh();
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== 'unavailable') throw error;
    log.warn({ error: String(error) }, 'The trunks are not known yet.');
  }
  const freeing = setInterval(() => {
    leases.freeOrphans().then(
      (count) => count > 0 && log.warn({ count }, 'Capacity that no call held any more was freed.'),
      (error: unknown) => log.debug({ error: String(error) }, 'Capacity was not looked through.'),
    );
  }, FREE_ORPHANS_EVERY_MS);
  parts.defer(() => clearInterval(freeing));
  const calls = createOutboundCalls({ directory, leases, registry, findLead: createLeadLookup(database), log });
  const opened = parts.move();
  return {
    calls,
    trunks: createTrunkOffice({ trunks, directory, seal }),
    directory,
    trunkFrom: (signallingHost: string) => trunkFrom(directory.list(), signallingHost),
    mediaCidrsOf: (signallingHost: string) => mediaNetworks(directory.list(), signallingHost),
    /** Register what is to be registered; the SIP server is connected. */
    begin: () => registrations.begin(),
    [Symbol.dispose]: () => opened.dispose(),
  };
};
