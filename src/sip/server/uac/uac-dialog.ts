import { dialogIdOf, type Dialog } from '#sip/server/dialogs/dialog.ts';
import { isBehindNat } from '#sip/server/dialogs/next-hop.ts';
import { splitList } from '#sip/server/message/header-values.ts';
import type { ParsedResponse } from '#sip/server/message/message-parser.ts';
import { headersOf, headerValue } from '#sip/server/message/sip-message.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import { contactUri } from '#sip/server/uas/uas-dialog.ts';
import type { PlacedRequest } from './placed-requests.ts';

/** The dialog that a response makes on the caller's side (RFC 3261 12.1.2). Without a Contact it has no target. */
export function openUacDialog(placed: PlacedRequest, { message, facts }: ParsedResponse, flow: Flow): Dialog {
  const routeSet = headersOf(message, 'record-route')
    .flatMap(({ value }) => splitList(value))
    .toReversed();
  const target = contactUri(message) ?? '';
  return {
    id: dialogIdOf(placed.callId, placed.fromTag),
    callId: placed.callId,
    localTag: placed.fromTag,
    remoteTag: facts.toTag,
    local: headerValue(placed.request, 'from') ?? '',
    remote: headerValue(message, 'to') ?? '',
    localCSeq: placed.cseq,
    remoteCSeq: -1,
    routeSet,
    remoteTarget: target,
    flow,
    isNatted: routeSet.length === 0 && isBehindNat(target, flow),
    isConfirmed: false,
    owner: placed.connection,
    claim: placed.claim,
    kept: [],
    localSdp: placed.request.body,
    invitePending: placed.request.method === 'INVITE' ? 'ours' : null,
    unacknowledged: null,
    answeredInvite: null,
    endAfterAck: false,
  };
}
