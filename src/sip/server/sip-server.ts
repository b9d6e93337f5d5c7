import { systemClock, type Clock } from './clock.ts';
import { openControlServer, type ControlServer } from './control/control-server.ts';
import type { Log } from './faults.ts';
import { createSipCore, type SipCore } from './sip-core.ts';
import type { Address, Listen, Protocol, Receive, Transport } from './transports/flow.ts';
import { advertisedHost } from './transports/local-address.ts';
import { openTcpTransport } from './transports/tcp.transport.ts';
import { openUdpTransport } from './transports/udp.transport.ts';

/** Told to applications; drachtio-srf pings servers from v0.8.2 on. The suffix says that dialogs can be claimed. */
export const SERVER_VERSION = 'v0.9.10-trunkline';
export const DRACHTIO_VERSION = 'v0.9.10-1-g9c2dd4cb6a';

export type SipServerOptions = {
  /** Port 0: any free one. */
  listen: readonly Listen[];
  /** Where applications connect. */
  control: Address;
  /** What applications must know to be served. */
  secret: string;
  /** Put into Via and Contact instead of the local address. */
  publicIp?: string | null;
  clock?: Clock;
  log?: Log;
  /** Do for absent applications only what drachtio-server 0.9.10 does, and no `claim`: to try applications against it. */
  likeDrachtio?: boolean;
};

export type SipServerAddresses = { sip: { protocol: Protocol; host: string; port: number }[]; control: Address };

export type SipServer = {
  /** Throws `ListenError` when an address cannot be opened; nothing stays open then. */
  start(): Promise<SipServerAddresses>;
  /** Closes everything at once; calls in progress are not ended towards their peers. */
  stop(): Promise<void>;
  counts: SipCore['counts'];
};

/** The embedded SIP server: SIP on one side, drachtio's control protocol for applications on the other. */
export function createSipServer(options: SipServerOptions): SipServer {
  const publicIp = options.publicIp ?? null;
  const transports: Transport[] = [];
  const clock = options.clock ?? systemClock;
  const { likeDrachtio = false, log = () => undefined } = options;
  const core = createSipCore({ clock, publicIp, transports, log, likeDrachtio });
  let control: ControlServer | null = null;

  const start = async (): Promise<SipServerAddresses> => {
    try {
      for (const listen of options.listen) transports.push(await openTransport(listen, core.receive));
      control = await openControlServer(options.control, {
        secret: options.secret,
        welcome: () => welcomeFields(transports, publicIp, likeDrachtio ? DRACHTIO_VERSION : SERVER_VERSION),
        execute: core.execute,
        gone: core.disconnected,
      });
    } catch (error) {
      await stop();
      throw error;
    }
    const sip = transports.map(({ protocol, local }) => ({ protocol, host: local.host, port: local.port }));
    return { sip, control: control.address };
  };

  const stop = async (): Promise<void> => {
    await control?.close();
    control = null;
    core.stop();
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
  };

  return { start, stop, counts: core.counts };
}

const openTransport = (listen: Listen, receive: Receive): Promise<Transport> =>
  listen.protocol === 'udp' ? openUdpTransport(listen, receive) : openTcpTransport(listen, receive);

/** Addresses as peers see them, version, addresses as bound. */
function welcomeFields(transports: readonly Transport[], publicIp: string | null, version: string): string[] {
  const seen = transports.map(({ protocol, local }) => {
    const host = advertisedHost({ local, remote: local }, publicIp);
    return `${protocol}/${host}:${local.port}`;
  });
  const bound = transports.map(({ protocol, local: { host, port } }) => `${protocol}/${host}:${port}`);
  return [seen.join(','), version, bound.join(',')];
}
