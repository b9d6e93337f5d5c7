import { buildDialogRequest } from '#sip/server/dialogs/dialog-request.ts';
import type { Dialog } from '#sip/server/dialogs/dialog.ts';
import { locateDialog } from '#sip/server/dialogs/next-hop.ts';
import { sendServerBye } from '#sip/server/dialogs/server-bye.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import type { Header } from '#sip/server/message/sip-message.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { Flow } from '#sip/server/transports/flow.ts';

export const CANCEL_RACE = 'ACK-BYE due to cancel race condition';

export type SentAck = { text: string; flow: Flow };

/**
 * Sends the ACK of a 2xx (RFC 3261 13.2.2.4): it makes no transaction, and is kept to be sent again when the 2xx is.
 * `sent` hears null when there is no path to the peer.
 */
export function sendAck(
  context: SipContext,
  dialog: Dialog,
  parts: { headers: readonly Header[]; body: string },
  sent: (ack: SentAck | null) => void,
): void {
  const invite = dialog.answeredInvite;
  if (!invite) return sent(null);
  locateDialog(context, dialog, (result) => {
    if (result.type !== 'flow') return sent(null);
    const { flow } = result;
    const text = serialise(
      buildDialogRequest(context, dialog, flow, { method: 'ACK', cseq: invite.cseq, ...parts }).request,
    );
    flow.send(text, () => undefined);
    invite.ack = { text, flow };
    sent(invite.ack);
    if (dialog.endAfterAck) sendServerBye(context, dialog, CANCEL_RACE);
  });
}

/** A 2xx that came again: its ACK was lost. Not yet acknowledged by the application: it is on its way. */
export function repeatAck(dialog: Dialog): void {
  const ack = dialog.answeredInvite?.ack;
  ack?.flow.send(ack.text, () => undefined);
}

/** Ends a call nobody here wants, the way the protocol asks: ACK, then BYE. */
export function acknowledgeAndEnd(context: SipContext, dialog: Dialog, reason: string): void {
  sendAck(context, dialog, { headers: [], body: '' }, () => sendServerBye(context, dialog, reason));
}
