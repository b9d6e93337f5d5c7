import { metaOf, sipFrame } from '#sip/server/control/frames.ts';
import { dialogIdOf } from '#sip/server/dialogs/dialog.ts';
import { newTag } from '#sip/server/identifiers.ts';
import { header } from '#sip/server/message/app-message.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import { advertisedHost } from '#sip/server/transports/local-address.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { ServerTransaction } from '#sip/server/transactions/server-transactions.ts';
import type { PendingRequests } from './pending-requests.ts';
import { contactUri } from './uas-dialog.ts';
import { receiveInDialog } from './requests-in-dialog.ts';

/** Methods that may begin something; applications route what they want of them. */
const DELIVERED = ['INVITE', 'REGISTER', 'MESSAGE', 'OPTIONS', 'INFO', 'NOTIFY', 'SUBSCRIBE', 'PUBLISH'];
const ONLY_IN_DIALOG = ['BYE', 'UPDATE', 'PRACK'];
const UNWANTED_OUTSIDE = ['REFER'];

const HEADERS_OF: Readonly<Record<number, ReturnType<typeof header>[]>> = {
  405: [header('Allow', [...DELIVERED, ...ONLY_IN_DIALOG, 'ACK', 'CANCEL'].join(', '))],
  // No application is there, or none that takes anything new: one is about to be.
  503: [header('Retry-After', '5')],
};

function refusalOf(method: string): number | null {
  if (DELIVERED.includes(method)) return null;
  if (ONLY_IN_DIALOG.includes(method)) return 481;
  return UNWANTED_OUTSIDE.includes(method) ? 405 : 501;
}

/** A request seen for the first time: for a dialog, to an application in turn, or refused. */
export function receiveRequest(context: SipContext, pending: PendingRequests, transaction: ServerTransaction): void {
  const { message, facts } = transaction.received;
  if (message.method === 'CANCEL') return receiveCancel(context, pending, transaction);
  if (facts.toTag !== '') return receiveInDialog(context, pending, transaction);
  const refusal = refusalOf(message.method);
  if (refusal !== null) return refuse(transaction, refusal);
  if (message.method === 'INVITE') {
    // RFC 3261 8.1.1.8: without a Contact the call could be answered but never ended.
    if (contactUri(message) === null) return refuse(transaction, 400);
    transaction.respond(buildResponse(message, { status: 100 }));
  }
  const owner = context.routes.next(message.method, context.owners().isAbsent);
  if (!owner) return refuse(transaction, 503);
  const { received, flow } = transaction;
  const request = pending.add({ transaction, owner, dialog: null, isInDialog: false });
  const meta = metaOf('network', flow, { bytes: received.bytes, now: context.clock.now() });
  const receivedOn = `${advertisedHost(flow, null)}|${flow.local.port}`;
  request.frame = sipFrame(meta, { txnId: request.txnId, dialogId: '' }, { text: serialise(message), receivedOn });
  owner.send(request.frame);
  context.owners().given(request);
}

function refuse(transaction: ServerTransaction, status: number): void {
  const headers = HEADERS_OF[status] ?? [];
  transaction.respond(buildResponse(transaction.received.message, { status, toTag: newTag(), headers }));
}

/**
 * CANCEL (RFC 3261 9.2): 200 to it, 487 to an INVITE that has no final answer, and the application hears of it with the
 * INVITE's id. After a 2xx there is nothing to cancel: 481, and the dialog stays.
 */
function receiveCancel(context: SipContext, pending: PendingRequests, transaction: ServerTransaction): void {
  const { received, flow } = transaction;
  const invite = context.serverTransactions().cancelled(received);
  if (!invite || invite.stateName() === 'accepted') return refuse(transaction, 481);
  const request = pending.of(invite);
  const toTag = request?.localTag ?? newTag();
  transaction.respond(buildResponse(received.message, { status: 200, toTag }));
  if (!request) return;
  const dialogId = request.dialog?.id ?? '';
  invite.respond(buildResponse(invite.received.message, { status: 487, toTag }));
  pending.end(request);
  const meta = metaOf('network', flow, { bytes: received.bytes, now: context.clock.now() });
  const frame = sipFrame(meta, { txnId: request.txnId, dialogId }, { text: serialise(received.message) });
  const { callId, fromTag } = received.facts;
  context.owners().cancelled(request, dialogIdOf(callId, fromTag), frame);
}
