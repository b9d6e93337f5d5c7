import type { AppConnection } from '#sip/server/control/app-connection.ts';
import type { AppCommand } from '#sip/server/control/command.ts';
import { metaOf, nokFrame, sentResponseFrame } from '#sip/server/control/frames.ts';
import { dialogIdOf } from '#sip/server/dialogs/dialog.ts';
import { newTag } from '#sip/server/identifiers.ts';
import { defaultContentType, hasHeader, header, localise, type AppMessage } from '#sip/server/message/app-message.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import { paramOf, parseNameAddr } from '#sip/server/message/header-values.ts';
import type { Header, SipResponse } from '#sip/server/message/sip-message.ts';
import { advertised, contactFor, type SipContext } from '#sip/server/sip-context.ts';
import { CLAIMED } from '#sip/server/owners/owners.ts';
import { awaitAck } from './await-ack.ts';
import type { PendingRequest, PendingRequests } from './pending-requests.ts';
import { openUasDialog } from './uas-dialog.ts';

/** Settled by the request, whatever the application says. */
const BY_REQUEST = new Set(['from', 'to', 'call-id', 'cseq']);

/** Sends an application's answer to a request it was given, and echoes it. */
export function answerRequest(
  context: SipContext,
  pending: PendingRequests,
  app: { connection: AppConnection; command: AppCommand; message: AppMessage },
): void {
  const { connection, command, message } = app;
  const fail = (reason: string): void => connection.send(nokFrame(command.messageId, reason));
  const request = pending.get(command.fields[0] ?? '');
  if (!request) return fail('Response not sent due to unknown transaction');
  if (!context.owners().mayUse(request.dialog ?? request, connection)) return fail(CLAIMED);
  const contentType = defaultContentType(message);
  if (!contentType) return fail('missing content-type');

  const response = completeResponse(context, request, message, contentType);
  if (response.status > 100 && response.status < 300 && !joinDialog(context, request, response)) {
    pending.remove(request);
    request.transaction.respond(buildResponse(request.transaction.received.message, { status: 480, toTag: newTag() }));
    return fail('dialog already exists, rejecting this request');
  }
  context.owners().answers(request, connection);
  const text = transmit(context, request, response);
  settle(context, pending, request, response.status);
  const { received, flow } = request.transaction;
  const meta = metaOf('application', flow, { bytes: text.length, now: context.clock.now() });
  const dialogId = dialogIdFor(request, received.facts);
  connection.send(sentResponseFrame(command.messageId, meta, { txnId: request.txnId, dialogId }, text));
}

function completeResponse(
  context: SipContext,
  request: PendingRequest,
  app: AppMessage,
  contentType: Header[],
): SipResponse {
  const { received, flow } = request.transaction;
  const given = app.message as SipResponse;
  const own = localise(
    app.headers.filter(({ key }) => !BY_REQUEST.has(key)),
    advertised(context, flow),
  );
  const headers = [...own, ...contentType];
  const { method } = received.message;
  if (needsContact(method, given.status) && !hasHeader(own, 'contact')) {
    headers.unshift(header('Contact', contactFor(context, flow)));
  }
  if (given.status > 100) request.localTag ??= chosenTag(app) ?? newTag();
  return buildResponse(received.message, {
    status: given.status,
    reason: given.reason,
    ...(request.localTag === null ? {} : { toTag: request.localTag }),
    headers,
    body: given.body,
  });
}

/** Responses that make a dialog or refresh its target name where we are (RFC 3261 12.1.1, RFC 3311 5.2). */
function needsContact(method: string, status: number): boolean {
  if (status <= 100 || status >= 300) return false;
  return method === 'INVITE' || (status >= 200 && (method === 'SUBSCRIBE' || method === 'UPDATE'));
}

function chosenTag({ headers }: AppMessage): string | undefined {
  const to = headers.find(({ key }) => key === 'to');
  return to ? paramOf(parseNameAddr(to.value)?.params ?? '', 'tag') || undefined : undefined;
}

/** False when another INVITE with this Call-ID and From tag (a fork) has made the dialog already. */
function joinDialog(context: SipContext, request: PendingRequest, response: SipResponse): boolean {
  const { message } = request.transaction.received;
  if (request.dialog || (message.method !== 'INVITE' && message.method !== 'SUBSCRIBE')) return true;
  const dialog = openUasDialog(request, response);
  if (!context.dialogs.add(dialog)) return response.status < 200;
  request.dialog = dialog;
  return true;
}

function transmit(context: SipContext, request: PendingRequest, response: SipResponse): string {
  const { transaction, dialog, txnId } = request;
  if (dialog && response.status < 300 && response.body.startsWith('v=0')) dialog.localSdp = response.body;
  const isAccepted =
    transaction.received.message.method === 'INVITE' && response.status >= 200 && response.status < 300;
  if (!isAccepted || !dialog) return transaction.respond(response);
  return awaitAck(context, { transaction, dialog, txnId, response });
}

function settle(context: SipContext, pending: PendingRequests, request: PendingRequest, status: number): void {
  if (status < 200) return pending.noteProvisional(request);
  pending.remove(request);
  const { dialog, isInDialog, transaction } = request;
  if (!dialog) return;
  const { method } = transaction.received.message;
  if (method === 'BYE') return;
  if (method === 'INVITE') dialog.invitePending = null;
  if (status < 300) dialog.isConfirmed = true;
  else if (!isInDialog) context.dialogs.remove(dialog);
}

function dialogIdFor(request: PendingRequest, facts: { callId: string; fromTag: string; method: string }): string {
  if (request.dialog) return request.dialog.id;
  return facts.method === 'INVITE' || facts.method === 'SUBSCRIBE' ? dialogIdOf(facts.callId, facts.fromTag) : '';
}
