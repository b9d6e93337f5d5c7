/** From where carriers send, by the rows of the trunks. */
import { isIP } from 'node:net';
import type { Trunk } from '#domain/trunk.ts';
import { createSourceFilter } from '#sip/admission.ts';

/** Of a trunk whose address is no name, the address is one of its networks. */
const signallingNetworks = ({ host, signallingCidrs }: Trunk): readonly string[] =>
  isIP(host) === 0 ? signallingCidrs : [...signallingCidrs, host];

export const carrierNetworks = (trunks: readonly Trunk[]): string[] =>
  trunks.filter(({ isEnabled }) => isEnabled).flatMap(signallingNetworks);

const isFrom = (trunk: Trunk, host: string): boolean =>
  trunk.host === host || (isIP(host) !== 0 && createSourceFilter(signallingNetworks(trunk))(host));

/** Networks of the audio of the carrier whose signalling comes from this host. */
export const mediaNetworks = (trunks: readonly Trunk[], signallingHost: string): string[] =>
  trunks.filter((trunk) => isFrom(trunk, signallingHost)).flatMap(({ mediaCidrs }) => mediaCidrs);

/** Of several trunks at the same host, the first. */
export const trunkFrom = (trunks: readonly Trunk[], signallingHost: string): number | null =>
  trunks.find((trunk) => isFrom(trunk, signallingHost))?.id ?? null;
