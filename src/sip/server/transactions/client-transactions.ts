import type { Contained } from '#sip/server/faults.ts';
import type { Clock } from '#sip/server/clock.ts';
import type { ParsedResponse } from '#sip/server/message/message-parser.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import type { Header, SipRequest, SipResponse } from '#sip/server/message/sip-message.ts';
import type { Flow } from '#sip/server/transports/flow.ts';
import type { FsmEvent, Timing } from './fsm.ts';
import { inviteClientStart, inviteClientTable } from './invite-client.fsm.ts';
import { nonInviteClientStart, nonInviteClientTable } from './non-invite-client.fsm.ts';
import { createTransaction, type Transaction } from './transaction.ts';

export type ClientTransactionUser = {
  onResponse(response: ParsedResponse, flow: Flow): void;
  /** No final response will come: 64·T1 have passed, or the peer cannot be reached. */
  onFailure(failure: 'timeout' | 'transport'): void;
  onEnd?(): void;
};

export type ClientTransaction = {
  /** As sent. */
  text: string;
  flow: Flow;
  /** A CANCEL for this INVITE has left. */
  noteCancelled(): void;
};

export type OutgoingRequest = { request: SipRequest; branch: string; flow: Flow };

export type ClientTransactions = {
  start(outgoing: OutgoingRequest, user: ClientTransactionUser): ClientTransaction;
  /** Gives a response to its transaction; a response that matches none is dropped. */
  receive(response: ParsedResponse, flow: Flow): void;
  size(): number;
  stop(): void;
};

type ClientTransactionsDeps = { clock: Clock; timing: Omit<Timing, 'reliable'>; contained: Contained };

const eventOf = (status: number): FsmEvent => (status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure');

type Arrival = { response: ParsedResponse; flow: Flow };

/** Sends requests and matches responses to them by branch and method (RFC 3261 17.1.3). */
export function createClientTransactions({ clock, timing, contained }: ClientTransactionsDeps): ClientTransactions {
  const entries = new Map<string, Transaction<Arrival>>();

  const start = (outgoing: OutgoingRequest, user: ClientTransactionUser): ClientTransaction => {
    const { request, branch, flow } = outgoing;
    const key = `${branch}|${request.method}`;
    const text = serialise(request);
    const setup = {
      timing: { ...timing, reliable: flow.protocol !== 'udp' },
      clock,
      effects: {
        transmit: (bytes: string) => flow.send(bytes, () => transaction.dispatch('transportError')),
        acknowledge: ({ response }: Arrival) => flow.send(ackOfFailure(request, response.message), () => undefined),
        deliver: (arrival: Arrival) => user.onResponse(arrival.response, arrival.flow),
        // A transport tells its failure from a callback of its own.
        failed: contained('failure', user.onFailure),
        ended: () => {
          entries.delete(key);
          user.onEnd?.();
        },
      },
    };
    const transaction =
      request.method === 'INVITE'
        ? createTransaction({ ...setup, table: inviteClientTable, initial: inviteClientStart })
        : createTransaction({ ...setup, table: nonInviteClientTable, initial: nonInviteClientStart });
    entries.set(key, transaction);
    transaction.dispatch('start', { text });
    return { text, flow, noteCancelled: () => transaction.dispatch('cancel') };
  };

  return {
    start,
    receive(response, flow) {
      const transaction = entries.get(`${response.facts.via.branch}|${response.facts.method}`);
      transaction?.dispatch(eventOf(response.message.status), { received: { response, flow } });
    },
    size: () => entries.size,
    stop: () => {
      for (const transaction of entries.values()) transaction.abandon();
      entries.clear();
    },
  };
}

const ACK_KEEPS = new Set(['from', 'call-id', 'route', 'max-forwards']);

/** ACK of a failure: same branch, To of the response (RFC 3261 17.1.1.3). */
function ackOfFailure(invite: SipRequest, response: SipResponse): string {
  const headers: Header[] = [];
  const to = response.headers.find(({ key }) => key === 'to');
  for (const header of invite.headers) {
    if (header.key === 'via' || ACK_KEEPS.has(header.key)) headers.push(header);
    else if (header.key === 'to') headers.push(to ?? header);
    else if (header.key === 'cseq') headers.push({ ...header, value: header.value.replace('INVITE', 'ACK') });
  }
  return serialise({ kind: 'request', method: 'ACK', uri: invite.uri, headers, body: '' });
}
