import { dialogIdOf, type Dialog } from '#sip/server/dialogs/dialog.ts';
import { isBehindNat } from '#sip/server/dialogs/next-hop.ts';
import { parseNameAddr, splitList } from '#sip/server/message/header-values.ts';
import { headersOf, headerValue, type SipRequest, type SipResponse } from '#sip/server/message/sip-message.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import type { PendingRequest } from './pending-requests.ts';

/** First Contact of a message, without brackets; null when there is none to use. */
export function contactUri(message: SipRequest | SipResponse): string | null {
  const contact = splitList(headerValue(message, 'contact') ?? '')[0];
  const uri = contact === undefined ? undefined : parseNameAddr(contact)?.uri;
  return uri === undefined || uri === '' || uri === '*' ? null : uri;
}

/** The dialog that a response with a To tag makes on our side (RFC 3261 12.1.1). */
export function openUasDialog(request: PendingRequest, response: SipResponse): Dialog {
  const { received, flow } = request.transaction;
  const { message, facts } = received;
  const routeSet = headersOf(message, 'record-route').flatMap(({ value }) => splitList(value));
  const target = contactUri(message) ?? sourceUri(flow);
  return {
    id: dialogIdOf(facts.callId, facts.fromTag),
    callId: facts.callId,
    localTag: request.localTag ?? '',
    remoteTag: facts.fromTag,
    local: headerValue(response, 'to') ?? '',
    remote: headerValue(message, 'from') ?? '',
    localCSeq: 0,
    remoteCSeq: facts.cseq,
    routeSet,
    remoteTarget: target,
    flow,
    isNatted: routeSet.length === 0 && isBehindNat(target, flow),
    isConfirmed: false,
    owner: request.owner,
    claim: request.claim,
    kept: [],
    localSdp: response.body,
    invitePending: message.method === 'INVITE' ? 'theirs' : null,
    unacknowledged: null,
    answeredInvite: null,
    endAfterAck: false,
  };
}

/** A peer without a Contact is answered where it was heard. */
const sourceUri = ({ remote, protocol }: Flow): string =>
  `sip:${remote.host.includes(':') ? `[${remote.host}]` : remote.host}:${remote.port}${protocol === 'udp' ? '' : `;transport=${protocol}`}`;
