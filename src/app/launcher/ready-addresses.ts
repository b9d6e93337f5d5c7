/** Reads the addresses out of the ready lines of our programs. */
import type { ListenAddress } from '#config.ts';
import { LauncherError } from './launcher-error.ts';

export type HostPort = { host: string; port: number };

const isHostPort = (value: unknown): value is HostPort =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'host') === 'string' &&
  typeof Reflect.get(value, 'port') === 'number';

const isListenAddress = (value: unknown): value is ListenAddress =>
  isHostPort(value) && ['udp', 'tcp'].includes(String(Reflect.get(value, 'protocol')));

const incomplete = (part: string) =>
  new LauncherError('partFailed', `${part} is ready but does not say at which address.`);

/** The address in a ready line, or in one of its fields. */
export const addressOf = (part: string, value: unknown): HostPort => {
  if (!isHostPort(value)) throw incomplete(part);
  return { host: value.host, port: value.port };
};

export const listenAddressesOf = (part: string, value: unknown): readonly ListenAddress[] => {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isListenAddress)) throw incomplete(part);
  return value.map(({ protocol, host, port }) => ({ protocol, host, port }));
};

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

export const authority = ({ host, port }: HostPort): string => `${bracketed(host)}:${port}`;

/** In the form of the setting SIP_LISTEN. */
export const listenText = (address: ListenAddress): string => `${address.protocol}:${authority(address)}`;
