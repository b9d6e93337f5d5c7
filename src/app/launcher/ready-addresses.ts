/** Reads the addresses out of the ready lines of our programs. */
import type { ListenAddress } from '#config.ts';
import { LauncherError } from './launcher-error.ts';
import type { ReadyLine } from './running-part.ts';

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

/** `{"ready":true,"<field>":{"host":…,"port":…}}` */
export const addressOf = (part: string, ready: ReadyLine, field: string): HostPort => {
  const address = ready[field];
  if (!isHostPort(address)) throw incomplete(part);
  return { host: address.host, port: address.port };
};

/** `{"ready":true,"listen":[{"protocol":"udp","host":…,"port":…},…]}` */
export const listenAddressesOf = (part: string, ready: ReadyLine): readonly ListenAddress[] => {
  const list: unknown = ready['listen'];
  if (!Array.isArray(list) || list.length === 0 || !list.every(isListenAddress)) throw incomplete(part);
  return list.map(({ protocol, host, port }) => ({ protocol, host, port }));
};

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

export const authority = ({ host, port }: HostPort): string => `${bracketed(host)}:${port}`;

/** In the form of the setting SIP_LISTEN. */
export const listenText = (address: ListenAddress): string => `${address.protocol}:${authority(address)}`;
