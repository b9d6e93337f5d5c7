import { createAppCommands } from './app-commands.ts';
import { systemClock, type Clock } from './clock.ts';
import { createAppRoutes } from './control/app-routes.ts';
import { openControlServer, type ControlServer } from './control/control-server.ts';
import { createDialogStore } from './dialogs/dialog.ts';
import { createReceiver } from './receive.ts';
import type { SipContext } from './sip-context.ts';
import { createClientTransactions } from './transactions/client-transactions.ts';
import { DEFAULT_TIMING } from './transactions/fsm.ts';
import { createServerTransactions } from './transactions/server-transactions.ts';
import type { Address, Listen, Protocol, Receive, Transport } from './transports/flow.ts';
import { advertisedHost } from './transports/local-address.ts';
import { openTcpTransport } from './transports/tcp.transport.ts';
import { openUdpTransport } from './transports/udp.transport.ts';
import { receiveRequest } from './uas/new-requests.ts';
import { answerForAbsentOwner } from './uas/ownerless.ts';
import { createPendingRequests } from './uas/pending-requests.ts';
import { receiveAck } from './uas/requests-in-dialog.ts';

/** Told to applications; drachtio-srf pings servers from v0.8.2 on. The suffix says that the server is ours. */
export const SERVER_VERSION = 'v0.9.10-trunkline';

export type SipServerOptions = {
  /** Port 0: any free one. */
  listen: readonly Listen[];
  /** Where applications connect. */
  control: Address;
  secret: string;
  /** Put into Via and Contact instead of the local address. */
  publicIp?: string | null;
  clock?: Clock;
  log?: (event: string, details: object) => void;
};

export type SipServerAddresses = { sip: { protocol: Protocol; host: string; port: number }[]; control: Address };

export type SipServer = {
  /** Throws `ListenError` when an address cannot be opened; nothing stays open then. */
  start(): Promise<SipServerAddresses>;
  stop(): Promise<void>;
};

/** The embedded SIP server: SIP on one side, drachtio's control protocol for applications on the other. */
export function createSipServer(options: SipServerOptions): SipServer {
  const clock = options.clock ?? systemClock;
  const publicIp = options.publicIp ?? null;
  const timing = { t1Ms: DEFAULT_TIMING.t1Ms, t2Ms: DEFAULT_TIMING.t2Ms, t4Ms: DEFAULT_TIMING.t4Ms };
  const transports: Transport[] = [];
  const dialogs = createDialogStore();
  const clients = createClientTransactions({ clock, timing });
  const routes = createAppRoutes();
  const context: SipContext = {
    clock,
    timing,
    publicIp,
    transports,
    dialogs,
    clients,
    serverTransactions: () => servers,
    routes,
  };
  const pending = createPendingRequests(context);
  const servers = createServerTransactions({
    clock,
    timing,
    user: {
      onRequest: (transaction) => receiveRequest(context, pending, transaction),
      onAck: (ack, flow) => receiveAck(context, ack, flow),
    },
    reopen: (flow, { facts }) => {
      const transport = transports.find(({ protocol }) => protocol === flow.protocol);
      return transport?.flowTo({ host: flow.remote.host, port: facts.via.port ?? 5060 }) ?? flow;
    },
  });
  const receive = createReceiver(servers, clients);
  let control: ControlServer | null = null;

  const welcome = (): string[] => {
    const flowless = (transport: Transport): string => {
      const at = { local: transport.local, remote: transport.local };
      return `${transport.protocol}/${advertisedHost(at, publicIp)}:${transport.local.port}`;
    };
    const local = transports.map(({ protocol, local: { host, port } }) => `${protocol}/${host}:${port}`);
    return [transports.map(flowless).join(','), SERVER_VERSION, local.join(',')];
  };

  const start = async (): Promise<SipServerAddresses> => {
    try {
      for (const listen of options.listen) transports.push(await openTransport(listen, receive));
      control = await openControlServer(options.control, {
        secret: options.secret,
        welcome,
        execute: createAppCommands(context, pending),
        gone: (connection) => {
          routes.removeAll(connection);
          for (const request of pending.ofOwner(connection)) {
            if (request.transaction.received.message.method !== 'BYE') continue;
            pending.remove(request);
            answerForAbsentOwner(request.transaction);
          }
        },
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
    pending.stop();
    for (const dialog of dialogs.all()) dialog.unacknowledged?.acknowledge();
    servers.stop();
    clients.stop();
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
  };

  return { start, stop };
}

const openTransport = (listen: Listen, receive: Receive): Promise<Transport> =>
  listen.protocol === 'udp' ? openUdpTransport(listen, receive) : openTcpTransport(listen, receive);
