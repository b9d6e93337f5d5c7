import type { Dialog } from '#sip/server/dialogs/dialog.ts';
import { sendServerBye } from '#sip/server/dialogs/server-bye.ts';
import type { SipResponse } from '#sip/server/message/sip-message.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import { acceptedAnswerStart, acceptedAnswerTable } from '#sip/server/transactions/accepted-answer.fsm.ts';
import type { ServerTransaction } from '#sip/server/transactions/server-transactions.ts';
import { createTransaction } from '#sip/server/transactions/transaction.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';

type AcceptedInvite = { transaction: ServerTransaction; dialog: Dialog; txnId: string; response: SipResponse };

/** Sends the 2xx of an INVITE until its ACK comes; without one in 64·T1 the dialog ends (RFC 3261 13.3.1.4). */
export function awaitAck(context: SipContext, { transaction, dialog, txnId, response }: AcceptedInvite): string {
  const text = serialise(response);
  const waiting = createTransaction({
    table: acceptedAnswerTable,
    initial: acceptedAnswerStart,
    timing: { ...context.timing, reliable: transaction.flow.protocol !== 'udp' },
    clock: context.clock,
    effects: {
      transmit: transaction.repeat,
      failed: () => sendServerBye(context, dialog, 'ACK timeout'),
      ended: () => {
        if (dialog.unacknowledged === unacknowledged) dialog.unacknowledged = null;
      },
    },
  });
  const { cseq } = transaction.received.facts;
  const unacknowledged = { txnId, cseq, acknowledge: () => waiting.dispatch('ack') };
  dialog.unacknowledged?.acknowledge();
  dialog.unacknowledged = unacknowledged;
  waiting.dispatch('start', { text });
  return text;
}
