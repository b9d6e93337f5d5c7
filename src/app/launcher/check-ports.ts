/** Finds out before anything is started whether the configured addresses can be had. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { LauncherError } from './launcher-error.ts';

export type WantedAddress = {
  /** Names the address to the operator: `The HTTP API`. */
  part: string;
  setting: string;
  /** The setting of its host, if it is another one. */
  hostSetting?: string;
  protocol: 'udp' | 'tcp';
  host: string;
  port: number;
};

const bindTcp = ({ host, port }: WantedAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });

const bindUdp = ({ host, port }: WantedAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve()));
  });

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this user may not use that port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no address of that name',
};

const HOST_FAULTS = ['EADDRNOTAVAIL', 'ENOTFOUND'];

const sentence = ({ part, protocol, host, port, setting, hostSetting }: WantedAddress, code: string): string => {
  const where = port === 0 ? host : `${host}:${port}`;
  const change = `set ${HOST_FAULTS.includes(code) ? (hostSetting ?? setting) : setting} to another one`;
  const remedy = code === 'EADDRINUSE' ? `free it, or ${change}` : change;
  return `${part} cannot listen on ${protocol} ${where}, because ${REASONS[code] ?? code}: ${remedy}.`;
};

/** Try each address in turn (port 0 is any free port). Throws `LauncherError` `portInUse` for the first that fails. */
export const checkPorts = async (addresses: readonly WantedAddress[]): Promise<void> => {
  for (const address of addresses) {
    try {
      await (address.protocol === 'udp' ? bindUdp(address) : bindTcp(address));
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      throw new LauncherError('portInUse', sentence(address, code), { cause });
    }
  }
};
