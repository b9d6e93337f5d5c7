/** The INVITE of a call that we place, up to its final response: challenges, a longer session interval, redirections. */
import type { OutgoingInvite } from '#domain/signalling.ts';
import { sendChallenged } from './challenged-request.ts';
import type { OutgoingRequest, ReceivedResponse, SentRequest, SipConnection } from './sip-connection.ts';
import { ALLOW, SDP_TYPE, uriOf } from './sip-headers.ts';

export type OutboundInviteOptions = {
  invite: OutgoingInvite;
  connection: SipConnection;
  /** Null: the SIP server's own. */
  contact: string | null;
  sdp: string;
};

export type OutboundInvite = {
  /** Of the INVITE that is on its way now; rejects when it could not be sent. */
  readonly sent: Promise<SentRequest>;
  /** No other INVITE goes out from now on. */
  settle(): void;
};

const MAX_REDIRECTIONS = 2;
const LONGEST_INTERVAL_S = 86_400;

const contactOf = ({ contactUser }: OutgoingInvite, contact: string | null): string | null => {
  if (!contactUser) return contact;
  // The SIP server puts its own address in place of localhost.
  return (contact ?? '<sip:localhost>').replace('<sip:', `<sip:${encodeURIComponent(contactUser)}@`);
};

/** `onResponse` hears every response that is not answered by sending the INVITE again. */
export const sendInvite = (
  { invite, connection, contact, sdp }: OutboundInviteOptions,
  onResponse: (response: ReceivedResponse) => void,
): OutboundInvite => {
  const ownContact = contactOf(invite, contact);
  let uri = invite.targetUri;
  let cseq: number | null = null;
  let interval: number | null = null;
  let redirections = 0;
  let isSettled = false;
  let sent: Promise<SentRequest>;

  const request = (): OutgoingRequest => ({
    method: 'INVITE',
    uri,
    proxyUri: invite.proxyUri,
    body: sdp,
    headers: {
      from: `<${invite.callerUri}>;tag=${invite.localTag}`,
      'call-id': invite.sipCallId,
      'content-type': SDP_TYPE,
      allow: ALLOW,
      ...(ownContact === null ? {} : { contact: ownContact }),
      ...(cseq === null ? {} : { cseq: `${cseq} INVITE` }),
      // The peer renews: what it sends in the dialog is answered.
      ...(interval === null ? {} : { 'session-expires': `${interval};refresher=uas`, 'min-se': String(interval) }),
      ...(interval === null ? {} : { supported: 'timer' }),
    },
  });

  /** RFC 4028 7.4, once. */
  const lengthened = (response: ReceivedResponse): boolean => {
    const least = Number.parseInt(response.header('min-se') ?? '', 10);
    if (response.status !== 422 || interval !== null || !(least > 0 && least <= LONGEST_INTERVAL_S)) return false;
    interval = least;
    return true;
  };

  const redirected = (response: ReceivedResponse): boolean => {
    if (response.status < 300 || response.status >= 400 || redirections >= MAX_REDIRECTIONS) return false;
    const asked = uriOf(response.header('contact'));
    const next = asked === null ? null : (invite.redirectTo?.(asked) ?? null);
    if (next === null) return false;
    redirections += 1;
    uri = next;
    return true;
  };

  const hear = (response: ReceivedResponse): void => {
    const last = Number.parseInt(response.header('cseq') ?? '', 10);
    const goesOn = !isSettled && Number.isSafeInteger(last) && (lengthened(response) || redirected(response));
    if (!goesOn) return onResponse(response);
    cseq = last + 1;
    transmit().catch(() => onResponse(response));
  };

  const transmit = (): Promise<SentRequest> =>
    sendChallenged(
      request(),
      {
        connection,
        credentials: invite.auth,
        mayRepeat: () => !isSettled,
        onSent: (next) => {
          sent = next;
        },
      },
      hear,
    );

  sent = transmit();
  return {
    get sent() {
      return sent;
    },
    settle: () => {
      isSettled = true;
    },
  };
};
