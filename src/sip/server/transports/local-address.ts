import { networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import type { Address, Flow, Transport } from './flow.ts';

const INTERFACES_TTL_MS = 30_000;
let interfaces: { readAt: number; hosts: string[] } = { readAt: 0, hosts: [] };

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

function interfaceHosts(): string[] {
  const now = performance.now();
  if (interfaces.hosts.length === 0 || now - interfaces.readAt > INTERFACES_TTL_MS) {
    const hosts = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
    interfaces = { readAt: now, hosts };
  }
  return interfaces.hosts;
}

/** How many leading octets (or groups) two addresses share. */
function closeness(a: string, b: string): number {
  if (isIP(a) !== isIP(b)) return -1;
  const separator = isIP(a) === 6 ? ':' : '.';
  const left = a.split(separator);
  const right = b.split(separator);
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  return same;
}

const closest = (hosts: readonly string[], remote: string): string | undefined =>
  hosts.toSorted((a, b) => closeness(b, remote) - closeness(a, remote))[0];

/** The address peers on this flow are told to reach us at: the public one, the bound one, or the nearest interface. */
export function advertisedHost(flow: Pick<Flow, 'local' | 'remote'>, publicIp: string | null): string {
  if (publicIp !== null) return publicIp;
  if (!isWildcard(flow.local.host)) return flow.local.host;
  return closest(interfaceHosts(), flow.remote.host) ?? flow.local.host;
}

/** The transport best suited to reach an address; undefined when none has the protocol. */
export function chooseTransport(
  transports: readonly Transport[],
  protocol: string,
  remote: Address,
): Transport | undefined {
  const rank = ({ local }: Transport): number => (isWildcard(local.host) ? 0 : closeness(local.host, remote.host));
  return transports.filter((transport) => transport.protocol === protocol).toSorted((a, b) => rank(b) - rank(a))[0];
}
