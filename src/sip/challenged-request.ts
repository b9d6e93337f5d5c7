/** Sends a request and answers the challenges it meets (RFC 3261 22): the same request again, authorised, with the next CSeq. */
import { randomBytes } from 'node:crypto';
import { authorise, readChallenges } from './digest.ts';
import type { Challenge, Credentials } from './digest.ts';
import type { OutgoingRequest, ReceivedResponse, SentRequest, SipConnection, SipHeaders } from './sip-connection.ts';

/** The last challenge of a server, to be answered again without being asked; kept by who sends several requests. */
export type DigestSession = { answered: { challenge: Challenge; isProxy: boolean; count: number } | null };

export type ChallengedOptions = {
  connection: Pick<SipConnection, 'send'>;
  credentials: Credentials | null;
  session?: DigestSession;
  /** Asked before an answer to a challenge goes out. */
  mayRepeat?: () => boolean;
  /** Told of each request that goes out: from now on this is the one that can be cancelled. */
  onSent?: (sent: Promise<SentRequest>) => void;
};

/** A nonce may be stale once, and a proxy and its server may both ask. */
const MAX_CHALLENGES = 4;
const REPEATED_HEADERS = new Set(['authorization', 'proxy-authorization', 'cseq']);

const headerName = (isProxy: boolean) => (isProxy ? 'Proxy-Authorization' : 'Authorization');

const nextCSeq = (value: string | null): number | null => {
  const number = Number.parseInt(value ?? '', 10);
  return Number.isSafeInteger(number) ? number + 1 : null;
};

/** `onResponse` hears what is no challenge, and the challenge that could not be met. */
export const sendChallenged = (
  request: OutgoingRequest,
  { connection, credentials, session = { answered: null }, mayRepeat = () => true, onSent }: ChallengedOptions,
  onResponse: (response: ReceivedResponse) => void,
): Promise<SentRequest> => {
  const uri = request.uri ?? '';
  const authorisations = new Map<string, string>();
  const refused = new Set<string>();
  let challenges = 0;

  const authoriseWith = (challenge: Challenge, isProxy: boolean): void => {
    if (!credentials) return;
    const before = session.answered;
    const isSame = before !== null && before.challenge.nonce === challenge.nonce && before.isProxy === isProxy;
    const count = isSame ? before.count + 1 : 1;
    session.answered = { challenge, isProxy, count };
    const asked = { method: request.method, uri, body: request.body ?? '' };
    const nonces = { count, cnonce: randomBytes(8).toString('hex') };
    authorisations.set(headerName(isProxy), authorise(challenge, credentials, asked, nonces));
  };

  const headersWith = (cseq: number | null): SipHeaders => {
    const own = Object.entries(request.headers ?? {}).filter(
      ([name]) => cseq === null || !REPEATED_HEADERS.has(name.toLowerCase()),
    );
    return {
      ...Object.fromEntries(own),
      ...Object.fromEntries(authorisations),
      ...(cseq === null ? {} : { cseq: `${cseq} ${request.method}` }),
    };
  };

  const transmit = (cseq: number | null): Promise<SentRequest> => {
    const sent = connection.send({ ...request, headers: headersWith(cseq) }, hear);
    onSent?.(sent);
    return sent;
  };

  /** Null: it is no challenge, or the answer to it was wrong. */
  const challengeIn = (response: ReceivedResponse): Challenge | null => {
    const isProxy = response.status === 407;
    if ((!isProxy && response.status !== 401) || !credentials || challenges >= MAX_CHALLENGES) return null;
    const challenge = readChallenges(response.header(isProxy ? 'proxy-authenticate' : 'www-authenticate'));
    if (!challenge) return null;
    const name = `${isProxy} ${challenge.realm}`;
    // An answer that was not accepted is not accepted the second time either (RFC 3261 22.2).
    if (refused.has(name) && !challenge.isStale) return null;
    refused.add(name);
    return challenge;
  };

  const hear = (response: ReceivedResponse): void => {
    const challenge = challengeIn(response);
    const cseq = nextCSeq(response.header('cseq'));
    if (!challenge || cseq === null || !mayRepeat()) return onResponse(response);
    challenges += 1;
    authoriseWith(challenge, response.status === 407);
    transmit(cseq).catch(() => onResponse(response));
  };

  const { answered } = session;
  // Asked for again and again, an answer is given beforehand; when it has become stale, that is said.
  if (answered && credentials) authoriseWith(answered.challenge, answered.isProxy);
  return transmit(null);
};
