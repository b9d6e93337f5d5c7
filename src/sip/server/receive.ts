import { buildResponse } from './message/build-response.ts';
import { parseVia, splitFirst } from './message/header-values.ts';
import { SipParseError } from './message/message-head.ts';
import { parseMessage, type ParseResult } from './message/message-parser.ts';
import { serialise } from './message/message-serialiser.ts';
import { headerValue } from './message/sip-message.ts';
import { stampSource } from './message/via.ts';
import type { ClientTransactions } from './transactions/client-transactions.ts';
import type { ServerTransactions } from './transactions/server-transactions.ts';
import type { Flow, Receive } from './transports/flow.ts';

/** Takes messages off the transports: to their transactions, or 400 if that much can be said, else dropped. */
export function createReceiver(servers: ServerTransactions, clients: ClientTransactions): Receive {
  return (text, flow, isBroken = false) => {
    const result = isBroken ? withoutEnd(text) : parseMessage(text);
    if (result.type === 'bad') return refuse(result, flow);
    if (result.type === 'response') return clients.receive(result.parsed, flow);
    const { message, facts } = result.parsed;
    stampSource(message, facts.via, flow.remote);
    servers.receive(result.parsed, flow);
  };
}

/** A message on a stream without a usable length. */
function withoutEnd(text: string): ParseResult {
  const result = parseMessage(text);
  if (result.type === 'bad') return result;
  return { type: 'bad', error: new SipParseError('Missing Content-Length'), message: result.parsed.message };
}

/** Without a transaction: nothing of a message that cannot be read is to be relied on. */
function refuse({ message, error }: Extract<ParseResult, { type: 'bad' }>, flow: Flow): void {
  if (message.kind !== 'request' || message.method === 'ACK') return;
  const via = parseVia(splitFirst(headerValue(message, 'via') ?? '').first);
  if (!via) return;
  stampSource(message, via, flow.remote);
  const response = buildResponse(message, { status: error.status, reason: error.message });
  flow.send(serialise(response), () => undefined);
}
