import { lookup } from 'node:dns';
import { createAppCommands } from './app-commands.ts';
import type { Clock } from './clock.ts';
import type { AppConnection } from './control/app-connection.ts';
import { createAppRoutes } from './control/app-routes.ts';
import type { AppCommand } from './control/command.ts';
import { nokFrame } from './control/frames.ts';
import { createDialogStore } from './dialogs/dialog.ts';
import { containFaults, type Log } from './faults.ts';
import { createReceiver } from './receive.ts';
import { createDrachtioOwners } from './owners/drachtio-owners.ts';
import { createPatientOwners } from './owners/patient-owners.ts';
import type { SipContext } from './sip-context.ts';
import { createClientTransactions } from './transactions/client-transactions.ts';
import { DEFAULT_TIMING } from './transactions/fsm.ts';
import { createServerTransactions } from './transactions/server-transactions.ts';
import type { Receive, Transport } from './transports/flow.ts';
import { receiveRequest } from './uas/new-requests.ts';
import type { PlacedRequests } from './uac/placed-requests.ts';
import { createPendingRequests } from './uas/pending-requests.ts';
import { receiveAck } from './uas/requests-in-dialog.ts';

const DEFAULT_SIP_PORT = 5060;

export type SipCore = {
  receive: Receive;
  /** Executes a command of an application; false when it is unknown. */
  execute(connection: AppConnection, command: AppCommand): boolean;
  /** An application's connection has closed. Its dialogs and unanswered INVITEs stay. */
  disconnected(connection: AppConnection): void;
  /** Live transactions and dialogs, to see that nothing is left over. */
  counts(): { serverTransactions: number; clientTransactions: number; dialogs: number };
  stop(): void;
};

export type SipCoreDeps = {
  clock: Clock;
  publicIp: string | null;
  /** Filled as ports are opened. */
  transports: readonly Transport[];
  log: Log;
  /** Leave absent applications to their fate, as drachtio-server does. */
  likeDrachtio?: boolean;
};

/** Joins transactions, dialogs and applications: everything between the sockets. */
export function createSipCore({ clock: given, publicIp, transports, log, likeDrachtio }: SipCoreDeps): SipCore {
  const contained = containFaults(log);
  const clock: Clock = { now: given.now, after: (ms, fire) => given.after(ms, contained('timer', fire)) };
  const timing = DEFAULT_TIMING;
  const dialogs = createDialogStore();
  const clients = createClientTransactions({ clock, timing, contained });
  const serverTransactions = (): typeof servers => servers;
  const routes = createAppRoutes();
  const resolve: SipContext['resolve'] = (host, resolved) => {
    const answered = contained('lookup', resolved);
    lookup(host, { family: 4 }, (error, address) => answered(error ? null : address));
  };
  const context: SipContext = {
    ...{ clock, timing, publicIp, resolve, transports, routes },
    ...{ dialogs, clients, serverTransactions, owners: () => owners },
  };
  const pending = createPendingRequests(context);
  const placed: PlacedRequests = new Map();
  const owners = (likeDrachtio ? createDrachtioOwners : createPatientOwners)({ context, pending, placed });
  const servers = createServerTransactions({
    clock,
    timing,
    user: {
      onRequest: (transaction) => receiveRequest(context, pending, transaction),
      onAck: (ack, flow) => receiveAck(context, ack, flow),
    },
    reopen: (flow, { facts }) => {
      const transport = transports.find(({ protocol }) => protocol === flow.protocol);
      return transport?.flowTo({ host: flow.remote.host, port: facts.via.port ?? DEFAULT_SIP_PORT }) ?? flow;
    },
  });
  const commands = createAppCommands(context, pending, placed);

  const execute = (connection: AppConnection, command: AppCommand): boolean => {
    try {
      return commands(connection, command);
    } catch (error) {
      log('fault', { where: command.name, error });
      connection.send(nokFrame(command.messageId, 'internal error'));
      return true;
    }
  };

  const disconnected = (connection: AppConnection): void => {
    routes.removeAll(connection);
    owners.gone(connection);
  };

  const stop = (): void => {
    pending.stop();
    owners.stop();
    for (const dialog of dialogs.all()) dialog.unacknowledged?.acknowledge();
    servers.stop();
    clients.stop();
  };

  return {
    receive: contained('message', createReceiver(servers, clients)),
    execute,
    disconnected: contained('disconnection', disconnected),
    counts: () => ({
      serverTransactions: servers.size(),
      clientTransactions: clients.size(),
      dialogs: dialogs.size(),
    }),
    stop,
  };
}
