/** The first trunk, as the settings describe it. */
import type { Config } from '#config.ts';
import type { TrunkValues } from '#persistence/trunks.repository.ts';

const NAME = 'environment';

export const configuredTrunk = (
  { trunk }: Pick<Config, 'trunk'>,
  seal: { seal(text: string): string },
): TrunkValues | null =>
  trunk.address === null
    ? null
    : {
        name: NAME,
        kind: trunk.isRegistering ? 'register' : 'static',
        transport: trunk.transport,
        host: trunk.address.host,
        port: trunk.address.port,
        domain: trunk.domain,
        username: trunk.username,
        authUsername: trunk.authUsername,
        passwordSealed: trunk.password === null ? null : seal.seal(trunk.password),
        callerIds: trunk.callerIds,
        numberFormat: trunk.numberFormat,
        dialPrefix: trunk.dialPrefix,
        priority: 100,
        capacity: trunk.capacity,
        codecs: ['PCMU', 'PCMA'],
        allowedDestinations: trunk.allowedDestinations,
        blockedDestinations: trunk.blockedDestinations,
        signallingCidrs: trunk.networks,
        mediaCidrs: trunk.networks,
        followsRedirects: false,
        isEnabled: true,
        ownerId: null,
      };
