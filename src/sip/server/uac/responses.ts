import { metaOf, metaOfInvented, sipFrame, type MessageMeta } from '#sip/server/control/frames.ts';
import { dialogIdOf, type Dialog } from '#sip/server/dialogs/dialog.ts';
import { isBehindNat } from '#sip/server/dialogs/next-hop.ts';
import { newTag } from '#sip/server/identifiers.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import type { ParsedResponse } from '#sip/server/message/message-parser.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import { contactUri } from '#sip/server/uas/uas-dialog.ts';
import { acknowledgeAndEnd, CANCEL_RACE, repeatAck, sendAck } from './ack.ts';
import { flushCancel } from './cancel.ts';
import type { PlacedRequest } from './placed-requests.ts';
import { openUacDialog } from './uac-dialog.ts';

const MAKES_DIALOG = new Set(['INVITE', 'SUBSCRIBE']);

/** A response to a request of ours: 100 stays here, a repeated 2xx is acknowledged again, the rest is told. */
export function receiveResponse(
  context: SipContext,
  placed: PlacedRequest,
  response: ParsedResponse,
  flow: Flow,
): void {
  const { status } = response.message;
  if (status < 200) {
    placed.hasProvisional = true;
    flushCancel(context, placed);
    if (status === 100) return;
    noteEarlyDialog(context, placed, response, flow);
  } else if (status < 300 && placed.request.method === 'INVITE') {
    if (!acceptAnswer(context, placed, response, flow)) return;
  } else {
    if (isEndedBy(placed, status)) context.owners().endedByApp(serialise(placed.request));
    endRequest(context, placed, status);
    if (status < 300 && placed.request.method === 'SUBSCRIBE') noteEarlyDialog(context, placed, response, flow);
    refreshTarget(placed, response, flow);
  }
  const meta = metaOf('network', flow, { bytes: response.bytes, now: context.clock.now() });
  tell(context, placed, meta, serialise(response.message));
}

/** No final response will come: the application gets one that the server makes up. */
export function inventResponse(context: SipContext, placed: PlacedRequest, failure: 'timeout' | 'transport'): void {
  const status = failure === 'timeout' ? 408 : 503;
  if (placed.hasFinal) return;
  endRequest(context, placed, status);
  const text = serialise(buildResponse(placed.request, { status, toTag: newTag() }));
  tell(context, placed, metaOfInvented(context.clock.now()), text);
}

function tell(context: SipContext, placed: PlacedRequest, meta: MessageMeta, text: string): void {
  const isDialogMaker = MAKES_DIALOG.has(placed.request.method);
  const dialogId = placed.dialog?.id ?? (isDialogMaker ? dialogIdOf(placed.callId, placed.fromTag) : '');
  const frame = sipFrame(meta, { txnId: placed.txnId, dialogId }, { text });
  const { connection, dialog } = placed;
  const owners = context.owners();
  if (dialog && owners.isAbsent(connection)) owners.tell(dialog, frame);
  else connection.send(frame);
}

/** The dialog of the tag heard last: a forked INVITE has several, an application knows one id. */
function noteEarlyDialog(context: SipContext, placed: PlacedRequest, response: ParsedResponse, flow: Flow): void {
  const { toTag } = response.facts;
  if (placed.isInDialog || toTag === '' || !MAKES_DIALOG.has(placed.request.method)) return;
  if (placed.dialog?.remoteTag === toTag) return;
  replaceDialog(context, placed, openUacDialog(placed, response, flow));
}

function replaceDialog(context: SipContext, placed: PlacedRequest, dialog: Dialog): void {
  const previous = placed.dialog;
  if (previous) {
    context.dialogs.remove(previous);
    dialog.localCSeq = Math.max(dialog.localCSeq, previous.localCSeq);
  }
  placed.dialog = dialog;
  context.dialogs.add(dialog);
}

/** True when the application is to hear of this 2xx: it is the first one. */
function acceptAnswer(context: SipContext, placed: PlacedRequest, response: ParsedResponse, flow: Flow): boolean {
  if (placed.hasFinal) {
    acceptAnother(context, placed, response, flow);
    return false;
  }
  placed.hasFinal = true;
  if (placed.isInDialog) refreshTarget(placed, response, flow);
  else replaceDialog(context, placed, openUacDialog(placed, response, flow));
  const { dialog } = placed;
  if (!dialog) return true;
  dialog.isConfirmed = true;
  dialog.answeredInvite = { cseq: placed.cseq, ack: null };
  if (dialog.invitePending === 'ours') dialog.invitePending = null;
  dialog.endAfterAck = placed.cancel !== null && !placed.isInDialog;
  acknowledgeForAbsent(context, placed, dialog);
  return true;
}

const ANSWER_PATIENCE_MS = 5000;

/** Nobody is there to acknowledge: a re-INVITE is acknowledged at once, a callee waits a little, and is hung up. */
function acknowledgeForAbsent(context: SipContext, placed: PlacedRequest, dialog: Dialog): void {
  const isAbsent = (): boolean => {
    const owners = context.owners();
    return owners.isAbsent(placed.connection) && owners.isAbsent(dialog.owner);
  };
  if (!isAbsent()) return;
  if (placed.isInDialog) return sendAck(context, dialog, { headers: [], body: '' }, () => undefined);
  context.clock.after(ANSWER_PATIENCE_MS, () => {
    if (context.dialogs.byId(dialog.id) !== dialog || dialog.answeredInvite?.ack || !isAbsent()) return;
    acknowledgeAndEnd(context, dialog, dialog.endAfterAck ? CANCEL_RACE : 'application gone');
  });
}

/** The same 2xx again, or that of another branch of a fork, which is hung up at once (RFC 3261 13.2.2.4). */
function acceptAnother(context: SipContext, placed: PlacedRequest, response: ParsedResponse, flow: Flow): void {
  const { dialog } = placed;
  if (dialog?.remoteTag === response.facts.toTag || placed.isInDialog) {
    if (dialog?.answeredInvite?.cseq === placed.cseq) repeatAck(dialog);
    return;
  }
  const other = openUacDialog(placed, response, flow);
  other.owner = null;
  other.answeredInvite = { cseq: placed.cseq, ack: null };
  acknowledgeAndEnd(context, other, 'answered elsewhere');
}

/** Contact of a 2xx to a request that refreshes the target (RFC 3261 12.2.1.2). */
function refreshTarget({ dialog, isInDialog, request }: PlacedRequest, { message }: ParsedResponse, flow: Flow): void {
  const refreshes = request.method === 'INVITE' || request.method === 'UPDATE';
  if (!dialog || !isInDialog || !refreshes || message.status < 200 || message.status >= 300) return;
  const contact = contactUri(message);
  if (contact === null) return;
  dialog.remoteTarget = contact;
  dialog.flow = flow;
  dialog.isNatted = dialog.routeSet.length === 0 && isBehindNat(contact, flow);
}

const isEndedBy = ({ dialog, isInDialog, request }: PlacedRequest, status: number): boolean =>
  dialog !== null && isInDialog && request.method === 'BYE' && !isChallenge(status);

const isChallenge = (status: number): boolean => status === 401 || status === 407;

function endRequest(context: SipContext, placed: PlacedRequest, status: number): void {
  placed.hasFinal = true;
  const { dialog, isInDialog, request } = placed;
  if (!dialog) return;
  if (request.method === 'INVITE' && dialog.invitePending === 'ours') dialog.invitePending = null;
  if (!isInDialog && status >= 300) context.dialogs.remove(dialog);
  if (isInDialog && request.method === 'BYE' && !isChallenge(status)) context.dialogs.remove(dialog);
}
