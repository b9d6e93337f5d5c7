import { buildResponse } from '#sip/server/message/build-response.ts';
import type { ServerTransaction } from '#sip/server/transactions/server-transactions.ts';

/**
 * Answers a request in a dialog whose application is gone: a BYE is answered at once, so that the peer can go;
 * anything else is refused. Waiting for an application to claim the dialog belongs here.
 */
export function answerForAbsentOwner(transaction: ServerTransaction): void {
  const { message } = transaction.received;
  transaction.respond(buildResponse(message, { status: message.method === 'BYE' ? 200 : 481 }));
}
