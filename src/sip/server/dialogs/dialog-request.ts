import { header, type AppMessage } from '#sip/server/message/app-message.ts';
import { paramOf, parseNameAddr } from '#sip/server/message/header-values.ts';
import { newBranch } from '#sip/server/identifiers.ts';
import type { Header, SipRequest } from '#sip/server/message/sip-message.ts';
import { advertised, contactFor, type SipContext } from '#sip/server/sip-context.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import type { OutgoingRequest } from '#sip/server/transactions/client-transactions.ts';
import type { Dialog } from './dialog.ts';

const MAX_FORWARDS = header('Max-Forwards', '70');
const REFRESHES_TARGET = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE', 'NOTIFY']);
/** Settled by the dialog, whatever the application says. */
const BY_DIALOG = new Set(['from', 'to', 'call-id', 'cseq', 'max-forwards']);

export const viaFor = (context: SipContext, flow: Flow, branch: string): Header =>
  header(
    'Via',
    `SIP/2.0/${flow.protocol.toUpperCase()} ${advertised(context, flow)};${flow.protocol === 'udp' ? 'rport;' : ''}branch=${branch}`,
  );

export type DialogRequestParts = { method: string; cseq: number; headers: readonly Header[]; body: string };

/** A request of ours in a dialog (RFC 3261 12.2.1.1), on its way over `flow`. */
export function buildDialogRequest(
  context: SipContext,
  dialog: Dialog,
  flow: Flow,
  parts: DialogRequestParts,
): OutgoingRequest {
  const { method, cseq, body } = parts;
  const branch = newBranch();
  const { uri, routes } = routed(dialog);
  const headers: Header[] = [
    viaFor(context, flow, branch),
    ...routes.map((route) => header('Route', route)),
    MAX_FORWARDS,
    header('From', dialog.local),
    header('To', dialog.remote),
    header('Call-ID', dialog.callId),
    header('CSeq', `${cseq} ${method}`),
  ];
  const own = parts.headers.filter(({ key }) => !BY_DIALOG.has(key));
  if (REFRESHES_TARGET.has(method) && !own.some(({ key }) => key === 'contact')) {
    headers.push(header('Contact', contactFor(context, flow)));
  }
  const request: SipRequest = { kind: 'request', method, uri, headers: [...headers, ...own], body };
  return { request, branch, flow };
}

/** Loose routing, or strict when the first hop lacks `lr` (RFC 3261 12.2.1.1). */
function routed({ routeSet, remoteTarget }: Dialog): { uri: string; routes: string[] } {
  const first = routeSet[0];
  const address = first === undefined ? null : parseNameAddr(first);
  if (!address || paramOf(address.uri.slice(address.uri.indexOf(';')), 'lr') !== undefined) {
    return { uri: remoteTarget, routes: routeSet };
  }
  return { uri: address.uri, routes: [...routeSet.slice(1), `<${remoteTarget}>`] };
}

/** The CSeq an application chose (digest retries do), or the next one. */
export function nextCSeq(dialog: Dialog, app: AppMessage): number {
  const own = Number.parseInt(app.headers.find(({ key }) => key === 'cseq')?.value ?? '', 10);
  return own > dialog.localCSeq && own <= 0x7fffffff ? own : dialog.localCSeq + 1;
}
