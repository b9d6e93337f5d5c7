import { metaOf, sipFrame } from '#sip/server/control/frames.ts';
import type { Dialog } from '#sip/server/dialogs/dialog.ts';
import { isBehindNat } from '#sip/server/dialogs/next-hop.ts';
import { newId, newTag } from '#sip/server/identifiers.ts';
import { header } from '#sip/server/message/app-message.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import type { ParsedRequest } from '#sip/server/message/message-parser.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { ServerTransaction } from '#sip/server/transactions/server-transactions.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import type { PendingRequest, PendingRequests } from './pending-requests.ts';
import { contactUri } from './uas-dialog.ts';

const REFRESHES_TARGET = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

const refuse = (transaction: ServerTransaction, status: number, ...headers: ReturnType<typeof header>[]): void => {
  transaction.respond(buildResponse(transaction.received.message, { status, toTag: newTag(), headers }));
};

/** A request with a To tag: for the dialog with its Call-ID and tags, else 481 (RFC 3261 12.2.2). */
export function receiveInDialog(context: SipContext, pending: PendingRequests, transaction: ServerTransaction): void {
  const { message, facts } = transaction.received;
  if (message.method === 'INVITE') transaction.respond(buildResponse(message, { status: 100 }));
  const dialog = context.dialogs.find(facts.callId, facts.toTag, facts.fromTag);
  if (!dialog) return refuse(transaction, 481);
  if (facts.cseq < dialog.remoteCSeq) return refuse(transaction, 500);
  dialog.remoteCSeq = facts.cseq;
  if (message.method === 'BYE') return receiveBye(context, pending, { dialog, transaction });
  if (message.method === 'INVITE' && dialog.invitePending !== null) return refuseGlare(dialog, transaction);
  if (message.method === 'INVITE') dialog.invitePending = 'theirs';
  followPeer(dialog, transaction);
  context.owners().deliver(pendingIn(context, pending, { dialog, transaction }));
}

/** Two INVITEs at once (RFC 3261 14.2). */
function refuseGlare(dialog: Dialog, transaction: ServerTransaction): void {
  if (dialog.invitePending === 'ours') return refuse(transaction, 491);
  refuse(transaction, 500, header('Retry-After', String(Math.floor(Math.random() * 11))));
}

type InDialog = { dialog: Dialog; transaction: ServerTransaction };

/** The dialog ends with the BYE itself; who is told answers it, once. */
function receiveBye(context: SipContext, pending: PendingRequests, { dialog, transaction }: InDialog): void {
  context.dialogs.remove(dialog);
  dialog.unacknowledged?.acknowledge();
  endPendingInvite(pending, dialog);
  context.owners().deliverBye(pendingIn(context, pending, { dialog, transaction }), dialog);
}

/** A caller may end an early dialog with BYE: its INVITE is then answered 487 (RFC 3261 15.1.2). */
function endPendingInvite(pending: PendingRequests, dialog: Dialog): void {
  for (const request of pending.inDialog(dialog)) {
    const { message } = request.transaction.received;
    pending.remove(request);
    const toTag = dialog.localTag;
    const status = message.method === 'INVITE' ? 487 : 500;
    request.transaction.respond(buildResponse(message, { status, toTag }));
  }
}

function pendingIn(context: SipContext, pending: PendingRequests, { dialog, transaction }: InDialog): PendingRequest {
  const { received, flow } = transaction;
  const request = pending.add({ transaction, owner: dialog.owner, dialog, isInDialog: true });
  const meta = metaOf('network', flow, { bytes: received.bytes, now: context.clock.now() });
  request.frame = sipFrame(meta, { txnId: request.txnId, dialogId: dialog.id }, { text: serialise(received.message) });
  return request;
}

/** Where the peer is now: its new connection, its new Contact. */
function followPeer(dialog: Dialog, { received, flow }: ServerTransaction): void {
  if (flow.protocol !== 'udp') dialog.flow = flow;
  const contact = REFRESHES_TARGET.has(received.message.method) ? contactUri(received.message) : null;
  if (contact === null) return;
  dialog.remoteTarget = contact;
  dialog.flow = flow;
  dialog.isNatted = dialog.routeSet.length === 0 && isBehindNat(contact, flow);
}

/** An ACK of a 2xx goes to the application; the first one ends the retransmission and bears the INVITE's id. */
export function receiveAck(context: SipContext, ack: ParsedRequest, flow: Flow): void {
  const { facts, message } = ack;
  const dialog = context.dialogs.find(facts.callId, facts.toTag, facts.fromTag);
  if (!dialog) return;
  let txnId = newId();
  if (dialog.unacknowledged?.cseq === facts.cseq) {
    txnId = dialog.unacknowledged.txnId;
    dialog.unacknowledged.acknowledge();
  }
  const meta = metaOf('network', flow, { bytes: ack.bytes, now: context.clock.now() });
  context.owners().tell(dialog, sipFrame(meta, { txnId, dialogId: dialog.id }, { text: serialise(message) }));
}
