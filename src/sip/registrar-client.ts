/** REGISTER: tells a registrar where we are, answers its challenges, and reads what it keeps (RFC 3261 10). */
import type { RegisterAnswer, RegisterOrder } from '#domain/registration.ts';
import { sendChallenged, type DigestSession } from './challenged-request.ts';
import type { OutgoingRequest, ReceivedResponse, SipConnection } from './sip-connection.ts';
import { userOf, uriOf } from './sip-headers.ts';

const MAX_SECONDS = 86_400;
const ANSWER_MS = 35_000;
const MAX_SESSIONS = 1_000;

const secondsOf = (text: string | null | undefined): number | null => {
  const seconds = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : null;
};

const contactsOf = (value: string | null): string[] =>
  (value ?? '').split(/,(?=\s*(?:"(?:[^"\\]|\\.)*"\s*)?<?\s*sips?:)/i).map((contact) => contact.trim());

/** How long our binding lasts, in seconds; null: the registrar keeps none of ours. */
const bindingSeconds = (response: ReceivedResponse, { username, seconds }: RegisterOrder): number | null => {
  const header = response.header('contact');
  const fallback = secondsOf(response.header('expires')) ?? seconds;
  // Some registrars say nothing of the bindings.
  if (header === null) return fallback;
  const own = contactsOf(header).filter((contact) => decodeURIComponent(userOf(uriOf(contact)) ?? '') === username);
  const lasting = own.map((contact) => secondsOf(/;\s*expires\s*=\s*"?(\d+)/i.exec(contact)?.[1]) ?? fallback);
  return lasting.length === 0 ? null : Math.max(...lasting);
};

const detailOf = ({ status, reason }: ReceivedResponse) => `${status} ${reason}`.trim();

const unavailable = (detail: string, retryAfterMs: number | null = null): RegisterAnswer => ({
  type: 'unavailable',
  cause: 'unavailable',
  detail,
  retryAfterMs,
});

const refusalOf = (response: ReceivedResponse, order: RegisterOrder): RegisterAnswer => {
  const { status } = response;
  const detail = detailOf(response);
  if (status === 401 || status === 407) {
    const why = order.credentials ? 'the registrar does not accept user name and password' : 'a password is needed';
    return { type: 'refused', cause: 'wrongPassword', detail: `${detail}: ${why}` };
  }
  if ([403, 404, 405, 501, 604].includes(status)) return { type: 'refused', cause: 'refused', detail };
  if (response.isInvented) return { type: 'unavailable', cause: 'unreachable', detail, retryAfterMs: null };
  const retryAfter = secondsOf(response.header('retry-after'));
  return unavailable(detail, retryAfter === null ? null : Math.min(retryAfter, MAX_SECONDS) * 1_000);
};

const answerOf = (response: ReceivedResponse, order: RegisterOrder): RegisterAnswer => {
  if (response.status >= 300) return refusalOf(response, order);
  const seconds = bindingSeconds(response, order);
  if (order.seconds > 0 && (seconds === null || seconds === 0)) {
    return unavailable('200 without our binding: the registrar does not keep it');
  }
  return { type: 'registered', expiresInMs: (seconds ?? 0) * 1_000 };
};

const requestOf = (order: RegisterOrder, seconds: number): OutgoingRequest => {
  const { domain, username, transport } = order;
  const user = encodeURIComponent(username);
  const address = `sip:${user}@${domain}`;
  return {
    method: 'REGISTER',
    uri: `sip:${domain}`,
    proxyUri: order.proxyUri,
    headers: {
      from: `<${address}>`,
      to: `<${address}>`,
      'call-id': order.sipCallId,
      // The SIP server puts its own address in place of localhost.
      contact: `<sip:${user}@localhost${transport === 'udp' ? '' : `;transport=${transport}`}>`,
      expires: String(seconds),
    },
  };
};

export const createRegistrarClient = (connection: Pick<SipConnection, 'send'>) => {
  const sessions = new Map<string, DigestSession>();

  const sessionOf = ({ sipCallId }: RegisterOrder): DigestSession => {
    const session = sessions.get(sipCallId) ?? { answered: null };
    if (sessions.size >= MAX_SESSIONS) sessions.clear();
    sessions.set(sipCallId, session);
    return session;
  };

  const ask = (order: RegisterOrder, seconds: number): Promise<ReceivedResponse> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the registrar did not answer')), ANSWER_MS);
      const { credentials } = order;
      const session = sessionOf(order);
      sendChallenged(requestOf(order, seconds), { connection, credentials, session }, (response) => {
        if (response.status < 200) return;
        clearTimeout(late);
        resolve(response);
      }).catch((error: unknown) => {
        clearTimeout(late);
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });

  return {
    register: async (order: RegisterOrder): Promise<RegisterAnswer> => {
      try {
        const response = await ask(order, order.seconds);
        const least = secondsOf(response.header('min-expires'));
        // RFC 3261 10.2.8.
        if (response.status !== 423 || least === null || least > MAX_SECONDS) return answerOf(response, order);
        return answerOf(await ask(order, least), { ...order, seconds: least });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { type: 'unavailable', cause: 'unreachable', detail, retryAfterMs: null };
      }
    },
  };
};
