/** An INVITE that a lost process had sent and nobody has answered: it can only be cancelled, and an answer is hung up. */
import type { IncomingInvite } from '#domain/signalling.ts';
import type { EventQueue } from './event-queue.ts';
import type { LiveLeg } from './inbound-leg.ts';
import type { ReceivedResponse, SipConnection } from './sip-connection.ts';
import { SignallingError } from './signalling-error.ts';

export type RestoredCallingOptions = {
  invite: Pick<IncomingInvite, 'sipCallId' | 'localTag'>;
  dialogId: string;
  transactionId: string;
  connection: SipConnection;
  events: EventQueue;
  onUnsent: (error: unknown) => void;
};

const CANCELLED = 487;

export const createRestoredCalling = (options: RestoredCallingOptions): LiveLeg => {
  const { connection, events, dialogId, transactionId } = options;
  const { sipCallId: callId, localTag } = options.invite;

  const onResponse = (response: ReceivedResponse): void => {
    if (response.status < 200) {
      if (response.header('rseq') !== null) response.acknowledge();
      return;
    }
    if (response.status >= 300) {
      events.push({ type: 'callee.refused', status: response.status, reason: response.reason });
      return;
    }
    response.acknowledge();
    // After a CANCEL the SIP server has sent it already.
    connection.send({ method: 'BYE', dialogId }, () => undefined).catch(options.onUnsent);
    events.push({ type: 'callee.refused', status: CANCELLED, reason: 'answered while its process was lost' });
  };
  const sent = connection.takeUpSent({ transactionId, callId, localTag }, onResponse);

  const notOurs = async () => {
    throw new SignallingError('transactionGone', 'only an INVITE of the peer can be answered');
  };
  return {
    ring: notOurs,
    answer: notOurs,
    refuse: notOurs,
    transfer: async () => {
      throw new SignallingError('dialogGone', 'the call was not answered');
    },
    hold: async () => {
      throw new SignallingError('dialogGone', 'the call was not answered');
    },
    hangUp: async () => {
      throw new SignallingError('dialogGone', 'the call was not answered');
    },
    cancel: sent.cancel,
    handle: (request) => void request.respond(481).catch(options.onUnsent),
    connectionLost: () => undefined,
    connectionBack: () => undefined,
    stopped: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
};
