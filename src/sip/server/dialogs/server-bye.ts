import { header } from '#sip/server/message/app-message.ts';
import { metaOf, sipFrame } from '#sip/server/control/frames.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { Dialog } from './dialog.ts';
import { buildDialogRequest } from './dialog-request.ts';
import { locateDialog } from './next-hop.ts';

/** Ends a dialog from the server's side: BYE on the wire, and the same BYE to its application, unsolicited. */
export function sendServerBye(context: SipContext, dialog: Dialog, reason: string): void {
  context.dialogs.remove(dialog);
  dialog.unacknowledged?.acknowledge();
  locateDialog(context, dialog, (result) => {
    if (result.type !== 'flow') return;
    dialog.localCSeq += 1;
    const headers = [header('Reason', `SIP;cause=200;text="${reason}"`)];
    const parts = { method: 'BYE', cseq: dialog.localCSeq, headers, body: '' };
    const outgoing = buildDialogRequest(context, dialog, result.flow, parts);
    const { text } = context.clients.start(outgoing, { onResponse: () => undefined, onFailure: () => undefined });
    const meta = metaOf('application', result.flow, { bytes: text.length, now: context.clock.now() });
    const frame = sipFrame(meta, { txnId: 'unsolicited', dialogId: dialog.id }, { text });
    context.owners().endedByServer(dialog, frame, { reason, text });
  });
}
