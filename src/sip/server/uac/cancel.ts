import type { AppMessage } from '#sip/server/message/app-message.ts';
import type { Header, SipRequest } from '#sip/server/message/sip-message.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { PlacedRequest } from './placed-requests.ts';

const COPIED = new Set(['via', 'route', 'max-forwards', 'from', 'to', 'call-id']);
const isForwarded = ({ key }: Header): boolean => key === 'reason' || key.startsWith('x-');

/** CANCEL of an INVITE (RFC 3261 9.1): same Request-URI, Via, From, To, Call-ID and CSeq number. */
export function buildCancel(invite: SipRequest, app: AppMessage): SipRequest {
  const headers: Header[] = [];
  for (const header of invite.headers) {
    if (COPIED.has(header.key)) headers.push(header);
    else if (header.key === 'cseq') headers.push({ ...header, value: header.value.replace('INVITE', 'CANCEL') });
  }
  headers.push(...app.headers.filter(isForwarded));
  return { kind: 'request', method: 'CANCEL', uri: invite.uri, headers, body: '' };
}

/** Sends a CANCEL that was asked for, as soon as the peer has answered anything; the 200 to it is nobody's business. */
export function flushCancel(context: SipContext, placed: PlacedRequest): void {
  const { cancel, branch, flow } = placed;
  if (!cancel || cancel.isSent || !placed.hasProvisional || placed.hasFinal) return;
  cancel.isSent = true;
  context.clients.start(
    { request: cancel.request, branch, flow },
    { onResponse: () => undefined, onFailure: () => undefined },
  );
  placed.transaction?.noteCancelled();
}
