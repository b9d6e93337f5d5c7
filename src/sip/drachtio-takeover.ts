/** What drachtio-srf has no words for: dialogs and transactions of another connection, taken over by their ids. */
import Srf from 'drachtio-srf';
import type { Socket } from 'node:net';
import type { IncomingInvite } from '#domain/signalling.ts';
import type { DrachtioLibrary, DrachtioRequest, DrachtioResponse, DrachtioServerState } from './drachtio.types.ts';
import type { ClaimAnswer } from './sip-connection.ts';

const { SipMessage, SipRequest, SipResponse } = Srf as unknown as DrachtioLibrary;

export type Attached = { agent: object; socket: Socket; state: DrachtioServerState };

/** The embedded SIP server says in its version that it knows `claim`; drachtio-server closes on unknown commands. */
export const knowsClaims = (version: string | undefined): boolean => /-trunkline\b/.test(version ?? '');

/** Reads the fields after the message id; `text` follows the first line. */
export const readClaimAnswer = (
  [outcome, state = '', detail = '', reason = '']: string[],
  text: string,
): ClaimAnswer => {
  if (outcome !== 'OK') return { type: 'refused', reason: state };
  if (state === 'ended') return { type: 'ended', at: Date.parse(detail), reason };
  if (state === 'unanswered') return { type: 'unanswered', transactionId: detail };
  return {
    type: 'alive',
    isAcknowledged: detail === 'acknowledged',
    isAckWaiting: detail === 'acknowledging',
    localSdp: text,
  };
};

/** An INVITE that another connection was given, as if it were ours: it can be answered, and its CANCEL is heard. */
export const takeUpInvite = (
  { agent, socket, state }: Attached,
  invite: IncomingInvite,
): { req: DrachtioRequest; res: DrachtioResponse } => {
  const headers = {
    'call-id': invite.sipCallId,
    from: `<sip:peer@invalid>;tag=${invite.remoteTag}`,
    to: '<sip:us@invalid>',
  };
  const message = new SipMessage({ method: 'INVITE', uri: 'sip:us@invalid', headers, body: '' });
  const { host, port, protocol } = invite.source;
  const meta = { source: 'network', address: host, port, protocol, transactionId: invite.transactionId };
  const req = new SipRequest(message, meta);
  const res = new SipResponse(agent);
  Object.assign(req, { agent, socket, res });
  Object.assign(res, { req, socket });
  state.pendingNetworkInvites.set(invite.sipCallId, { req, res });
  return { req, res };
};

/** An INVITE that another connection had sent: it can be cancelled, and its responses are heard. */
export const takeUpSent = (
  { agent, socket, state }: Attached,
  { transactionId, callId, localTag }: { transactionId: string; callId: string; localTag: string },
): DrachtioRequest => {
  const headers = { 'call-id': callId, from: `<sip:us@invalid>;tag=${localTag}`, to: '<sip:peer@invalid>' };
  const message = new SipMessage({ method: 'INVITE', uri: 'sip:peer@invalid', headers, body: '' });
  const req = new SipRequest(message, { source: 'application', transactionId });
  Object.assign(req, { agent, socket });
  state.pendingSipRequests.set(transactionId, { req });
  return req;
};
