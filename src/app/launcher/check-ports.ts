/** Finds out before anything is started whether the configured addresses can be had. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { LauncherError } from './launcher-error.ts';

export type WantedAddress = {
  /** Names the address to the operator: `The HTTP API`. */
  part: string;
  setting: string;
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
};

/** Try each address in turn (port 0 always passes). Throws `LauncherError` `portInUse` for the first that fails. */
export const checkPorts = async (addresses: readonly WantedAddress[]): Promise<void> => {
  for (const address of addresses) {
    try {
      await (address.protocol === 'udp' ? bindUdp(address) : bindTcp(address));
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      const { part, setting, protocol, host, port } = address;
      throw new LauncherError(
        'portInUse',
        `${part} cannot listen on ${protocol} ${host}:${port}, because ${REASONS[code] ?? code}: free it, or set ${setting} to another one.`,
        { cause },
      );
    }
  }
};
