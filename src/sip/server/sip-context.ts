import type { Clock } from './clock.ts';
import type { AppRoutes } from './control/app-routes.ts';
import type { Owners } from './owners/owners.ts';
import type { DialogStore } from './dialogs/dialog.ts';
import type { ClientTransactions } from './transactions/client-transactions.ts';
import type { Timing } from './transactions/fsm.ts';
import type { ServerTransactions } from './transactions/server-transactions.ts';
import { advertisedHost } from './transports/local-address.ts';
import type { Flow, Transport } from './transports/flow.ts';
import { uriHost } from './message/sip-uri.ts';

/** What the server and client sides of calls share. */
export type SipContext = {
  clock: Clock;
  timing: Omit<Timing, 'reliable'>;
  publicIp: string | null;
  /** IPv4 address of a host name; null when it has none. */
  resolve: (host: string, resolved: (address: string | null) => void) => void;
  transports: readonly Transport[];
  dialogs: DialogStore;
  clients: ClientTransactions;
  /** A function, as these need the context themselves. */
  serverTransactions: () => ServerTransactions;
  routes: AppRoutes;
  /** A function for the same reason. */
  owners: () => Owners;
};

/** `host:port` peers on this flow are told. */
export const advertised = (context: SipContext, flow: Pick<Flow, 'local' | 'remote'>): string =>
  `${uriHost(advertisedHost(flow, context.publicIp))}:${flow.local.port}`;

/** Our Contact on this flow. */
export const contactFor = (context: SipContext, flow: Flow): string =>
  `<sip:${advertised(context, flow)}${flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`}>`;
