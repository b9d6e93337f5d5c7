import { isIP } from 'node:net';
import { parseNameAddr } from '#sip/server/message/header-values.ts';
import { parseSipUri, socketHost, transportOf, type SipUri } from '#sip/server/message/sip-uri.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { Address, Flow } from '#sip/server/transports/flow.ts';
import { chooseTransport } from '#sip/server/transports/local-address.ts';
import type { Dialog } from './dialog.ts';

const DEFAULT_PORT = 5060;

export type Located = { type: 'flow'; flow: Flow } | { type: 'unreachable'; reason: string };

/**
 * Finds the path to a URI (RFC 3263 without SRV and NAPTR). Calls back at once for an IP address, later for a name.
 */
export function locate(context: SipContext, uri: SipUri, located: (result: Located) => void): void {
  const host = uri.host === 'localhost' ? '127.0.0.1' : socketHost(uri.host);
  const port = uri.port ?? DEFAULT_PORT;
  const protocol = transportOf(uri) ?? defaultProtocol(context);
  const finish = (address: Address): void => {
    const transport = chooseTransport(context.transports, protocol, address);
    if (transport) located({ type: 'flow', flow: transport.flowTo(address) });
    else located({ type: 'unreachable', reason: 'requested protocol/transport not available' });
  };
  if (isIP(host)) return finish({ host, port });
  context.resolve(host, (address) => {
    if (address === null) located({ type: 'unreachable', reason: `cannot resolve ${host}` });
    else finish({ host: address, port });
  });
}

const defaultProtocol = ({ transports }: SipContext): string =>
  transports.some(({ protocol }) => protocol === 'udp') ? 'udp' : 'tcp';

/** The path for our requests in a dialog: its connection, its first route, or the peer (RFC 3261 12.2.1.1). */
export function locateDialog(context: SipContext, dialog: Dialog, located: (result: Located) => void): void {
  if (dialog.flow.protocol !== 'udp' && dialog.flow.isOpen()) return located({ type: 'flow', flow: dialog.flow });
  const route = dialog.routeSet[0];
  if (route === undefined && dialog.isNatted) return located({ type: 'flow', flow: dialog.flow });
  const hop = route === undefined ? dialog.remoteTarget : (parseNameAddr(route)?.uri ?? '');
  const uri = parseSipUri(hop);
  if (uri) locate(context, uri, located);
  else
    located({
      type: 'unreachable',
      reason: `unable to find route when sending request inside dialog for dialog id ${dialog.id}`,
    });
}

/** Whether a peer's Contact is an address it was not heard from (UDP only; connections are used as they are). */
export function isBehindNat(contact: string, flow: Flow): boolean {
  const uri = parseSipUri(contact);
  if (!uri || flow.protocol !== 'udp') return false;
  return socketHost(uri.host) !== flow.remote.host || (uri.port ?? DEFAULT_PORT) !== flow.remote.port;
}
