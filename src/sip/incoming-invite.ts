/** Reads a new INVITE, or says which response refuses it. Pure. */
import type { IncomingInvite } from '#domain/signalling.ts';
import { phoneNumberOf } from '#domain/phone-number.ts';
import type { RefusalReason } from './admission.ts';
import { negotiate } from './sdp.ts';
import type { ReceivedRequest } from './sip-connection.ts';
import { ACCEPT, optionTagsOf, sdpOf, tagOf, uriOf, userOf } from './sip-headers.ts';

export type InviteReading =
  | { invite: IncomingInvite; mergeKey: string }
  | { refusal: RefusalReason; status: number; headers: Record<string, string> };

/** Extensions that a `Require` of ours may name: none yet. */
const SUPPORTED_EXTENSIONS: readonly string[] = [];
const ANY_PORT = 9;

const refused = (refusal: RefusalReason, status: number, headers: Record<string, string> = {}) => ({
  refusal,
  status,
  headers,
});

const numberOf = (nameAddress: string | null): string | null => phoneNumberOf(userOf(uriOf(nameAddress)));

/** Why the offer, or its absence, cannot be accepted; null when it can. */
const refusalOfOffer = (request: ReceivedRequest, remoteSdp: string | null, rtpHost: string) => {
  if (remoteSdp === null) {
    return request.body.trim() === '' ? null : refused('unsupportedMediaType', 415, { accept: ACCEPT });
  }
  const trial = negotiate(remoteSdp, { address: { host: rtpHost, port: ANY_PORT }, sessionId: 0, version: 0 });
  return 'refused' in trial ? refused('mediaRefused', 488, { warning: `304 trunkline "${trial.reason}"` }) : null;
};

/** `rtpHost` decides the IP version of acceptable media. */
export const readInvite = (request: ReceivedRequest, localTag: string, rtpHost: string): InviteReading => {
  const sipCallId = request.header('call-id');
  const from = request.header('from');
  const remoteTag = tagOf(from);
  if (sipCallId === null || remoteTag === null || uriOf(request.header('contact')) === null) {
    return refused('malformed', 400);
  }
  const unsupported = optionTagsOf(request.header('require')).filter((tag) => !SUPPORTED_EXTENSIONS.includes(tag));
  if (unsupported.length > 0) return refused('unsupportedExtension', 420, { unsupported: unsupported.join(', ') });

  const remoteSdp = sdpOf(request.header('content-type'), request.body);
  const refusal = refusalOfOffer(request, remoteSdp, rtpHost);
  if (refusal) return refusal;
  return {
    mergeKey: `${sipCallId} ${remoteTag} ${request.header('cseq') ?? ''}`,
    invite: {
      transactionId: request.transactionId,
      sipCallId,
      remoteTag,
      localTag,
      callerNumber: numberOf(request.header('p-asserted-identity')) ?? numberOf(from),
      calledNumber: phoneNumberOf(userOf(request.uri)) ?? numberOf(request.header('to')),
      source: request.source,
      remoteSdp,
    },
  };
};
