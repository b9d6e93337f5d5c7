import type { Clock } from '#sip/server/clock.ts';
import type { ParsedRequest } from '#sip/server/message/message-parser.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import type { SipResponse } from '#sip/server/message/sip-message.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import type { FsmEvent, Timing } from './fsm.ts';
import { inviteServerStart, inviteServerTable } from './invite-server.fsm.ts';
import { nonInviteServerStart, nonInviteServerTable } from './non-invite-server.fsm.ts';
import { createTransaction, type Transaction } from './transaction.ts';

export type ServerTransaction = {
  received: ParsedRequest;
  flow: Flow;
  /** Sends a response and returns its text; retransmissions are the transaction's business, except of a 2xx to INVITE. */
  respond(response: SipResponse): string;
  /** Sends text that was sent before. */
  repeat(text: string): void;
  stateName(): string;
  /** Forgets the request: no answer will be sent. */
  drop(): void;
};

export type ServerTransactionUser = {
  /** A request seen for the first time, of any method but ACK. */
  onRequest(transaction: ServerTransaction): void;
  /** An ACK that no refusal was waiting for: it belongs to a 2xx. */
  onAck(ack: ParsedRequest, flow: Flow): void;
};

export type ServerTransactions = {
  receive(request: ParsedRequest, flow: Flow): void;
  /** The INVITE transaction that a CANCEL is about (RFC 3261 9.2). */
  cancelled(cancel: ParsedRequest): ServerTransaction | undefined;
  size(): number;
  stop(): void;
};

type ServerTransactionsDeps = {
  clock: Clock;
  timing: Omit<Timing, 'reliable'>;
  user: ServerTransactionUser;
  /** Another path for responses when the connection of the request is gone (RFC 3261 18.2.2). */
  reopen(flow: Flow, request: ParsedRequest): Flow;
};

type Entry = ServerTransaction & { transaction: Transaction<ParsedRequest> };

/** Also separates requests of peers that send no RFC 3261 branch (17.2.3). */
const keyOf = ({ facts }: ParsedRequest, method: string): string =>
  `${method}|${facts.via.branch}|${facts.via.host}:${facts.via.port ?? ''}|${facts.cseq}|${facts.callId}`;

const eventOf = (status: number): FsmEvent => (status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure');

/** Matches received requests to server transactions, so that each request is told to the user exactly once. */
export function createServerTransactions(deps: ServerTransactionsDeps): ServerTransactions {
  const entries = new Map<string, Entry>();

  const receive = (request: ParsedRequest, flow: Flow): void => {
    const { method } = request.message;
    const key = keyOf(request, method === 'ACK' ? 'INVITE' : method);
    const known = entries.get(key);
    if (method === 'ACK') return receiveAck(known, request, flow);
    if (known) return known.transaction.dispatch('request', { received: request });
    const entry = open(key, request, flow);
    entries.set(key, entry);
    deps.user.onRequest(entry);
  };

  const receiveAck = (invite: Entry | undefined, ack: ParsedRequest, flow: Flow): void => {
    if (invite) invite.transaction.dispatch('ack', { received: ack });
    else deps.user.onAck(ack, flow);
  };

  const open = (key: string, received: ParsedRequest, flow: Flow): Entry => {
    let path = flow;
    const transmit = (text: string): void => {
      if (!path.isOpen()) path = deps.reopen(flow, received);
      path.send(text, () => transaction.dispatch('transportError'));
    };
    const setup = {
      timing: { ...deps.timing, reliable: flow.protocol !== 'udp' },
      clock: deps.clock,
      effects: {
        transmit,
        deliver: (ack: ParsedRequest) => deps.user.onAck(ack, flow),
        ended: () => entries.delete(key),
      },
    };
    const transaction =
      received.message.method === 'INVITE'
        ? createTransaction({ ...setup, table: inviteServerTable, initial: inviteServerStart })
        : createTransaction({ ...setup, table: nonInviteServerTable, initial: nonInviteServerStart });
    return {
      received,
      flow,
      transaction,
      stateName: transaction.stateName,
      drop: () => {
        transaction.abandon();
        entries.delete(key);
      },
      repeat: (text) => transaction.dispatch('success', { text }),
      respond: (response) => {
        const text = serialise(response);
        transaction.dispatch(eventOf(response.status), { text });
        return text;
      },
    };
  };

  return {
    receive,
    cancelled: (cancel) => entries.get(keyOf(cancel, 'INVITE')),
    size: () => entries.size,
    stop: () => {
      for (const { transaction } of entries.values()) transaction.abandon();
      entries.clear();
    },
  };
}
