import type { AppConnection } from '#sip/server/control/app-connection.ts';
import type { AppCommand } from '#sip/server/control/command.ts';
import { noFrame, okFrame } from '#sip/server/control/frames.ts';
import { dialogIdOf, type Claim, type Dialog, type DialogStore } from '#sip/server/dialogs/dialog.ts';
import type { PlacedRequest, PlacedRequests } from '#sip/server/uac/placed-requests.ts';
import type { PendingRequest, PendingRequests } from '#sip/server/uas/pending-requests.ts';
import type { EndedDialogs } from './ended-dialogs.ts';

export type ClaimDeps = {
  dialogs: DialogStore;
  pending: PendingRequests;
  placed: PlacedRequests;
  ended: EndedDialogs;
  /** Makes the connection the owner, and gives it what has waited. */
  handOver(dialog: Dialog, connection: AppConnection): void;
};

/** All that goes by one dialog id. */
type Subject = {
  dialog: Dialog | undefined;
  /** Received and unanswered. */
  invite: PendingRequest | undefined;
  /** Sent by us, without a final response. */
  calling: PlacedRequest | undefined;
};

/**
 * `claim|<dialogId>|<epoch>`: gives a dialog, or an unanswered INVITE, to this connection. Answers
 * `OK|alive|<acknowledged|acknowledging|unacknowledged>` with our last SDP as text, and then all that has waited;
 * `OK|unanswered|<txnId>`; `OK|ended|<ISO time>|<reason>`; `NO|fenced` when a higher epoch has it; `NO|unknown dialog`.
 */
export function createClaim(deps: ClaimDeps): (connection: AppConnection, command: AppCommand) => void {
  const { dialogs, pending, placed, ended } = deps;

  const find = (id: string): Subject => ({
    dialog: dialogs.byId(id),
    invite: pending.inviteOf(id),
    calling: [...placed.values()].find(
      (request) => isCalling(request) && dialogIdOf(request.callId, request.fromTag) === id,
    ),
  });

  const answerEnded = (
    connection: AppConnection,
    messageId: string,
    { id, epoch }: { id: string; epoch: number },
  ): void => {
    const end = ended.find(id);
    if (!end) return connection.send(noFrame(messageId, 'unknown dialog'));
    if (epoch < end.epoch) return connection.send(noFrame(messageId, 'fenced'));
    connection.send(okFrame(messageId, 'ended', new Date(end.at).toISOString(), end.reason));
  };

  const take = (subject: Subject, claim: Claim): void => {
    const { dialog, invite, calling } = subject;
    for (const part of [dialog, invite, calling]) if (part) part.claim = claim;
    if (invite) invite.owner = claim.connection;
    if (!dialog) return void (calling && (calling.connection = claim.connection));
    for (const request of placed.values()) if (request.dialog === dialog) request.connection = claim.connection;
  };

  return (connection, { messageId, fields }) => {
    const [id = '', epochText = ''] = fields;
    if (!/^\d{1,15}$/.test(epochText)) return connection.send(noFrame(messageId, 'invalid epoch'));
    const epoch = Number(epochText);
    const subject = find(id);
    const { dialog, invite, calling } = subject;
    if (!dialog && !invite && !calling) return answerEnded(connection, messageId, { id, epoch });
    if (epoch < lastEpochOf(subject)) return connection.send(noFrame(messageId, 'fenced'));
    take(subject, { connection, epoch });
    connection.send(answerOf(messageId, subject));
    if (dialog) deps.handOver(dialog, connection);
  };
}

const isCalling = ({ request, isInDialog, hasFinal }: PlacedRequest): boolean =>
  request.method === 'INVITE' && !isInDialog && !hasFinal;

const lastEpochOf = ({ dialog, invite, calling }: Subject): number =>
  Math.max(0, ...[dialog, invite, calling].map((part) => part?.claim?.epoch ?? 0));

function answerOf(messageId: string, { dialog, invite, calling }: Subject): string {
  const unanswered = invite ?? calling;
  if (!dialog?.isConfirmed) return okFrame(messageId, 'unanswered', unanswered?.txnId ?? '');
  return `${okFrame(messageId, 'alive', acknowledgementOf(dialog))}\r\n${dialog.localSdp}`;
}

const IS_ACK = /^[^\r]*\r\nACK /;

/** Whether the ACK of the peer has come; `acknowledging`: it follows the answer to the claim. */
function acknowledgementOf({ unacknowledged, kept }: Dialog): string {
  if (unacknowledged) return 'unacknowledged';
  return kept.some(({ frame }) => IS_ACK.test(frame)) ? 'acknowledging' : 'acknowledged';
}
