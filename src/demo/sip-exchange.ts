/** The UDP side of the test caller's signalling: client transactions by branch, with the retransmissions of RFC 3261 17.1. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { headerOf, readMessage } from './sip-text.ts';
import type { CallerMessage } from './sip-text.ts';

export type SipExchange = {
  readonly port: number;
  /** Sends once. */
  send(text: string): void;
  /** Sends a request, again until answered; resolves with its final response. 100 to 199 stop the resending of INVITE only. */
  transact(text: string, branch: string, onProvisional?: (response: CallerMessage) => void): Promise<CallerMessage>;
  /** How many messages went out that had gone out before. */
  readonly retransmissions: number;
  close(): void;
};

export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'noAnswer';
}

const T1_MS = 500;
const T2_MS = 4_000;
const GIVE_UP_MS = 64 * T1_MS;

export const branchOf = (message: CallerMessage): string | null =>
  /;branch=([^;,\s]+)/.exec(headerOf(message, 'via') ?? '')?.[1] ?? null;

type Transaction = { onResponse: (response: CallerMessage) => void; abandon: () => void };

export const openSipExchange = async (options: {
  host: string;
  target: { host: string; port: number };
  onRequest: (request: CallerMessage) => void;
  /** A final response whose transaction is over: a retransmission. */
  onStrayResponse: (response: CallerMessage) => void;
}): Promise<SipExchange> => {
  const socket = createSocket('udp4');
  socket.bind(0, options.host);
  await once(socket, 'listening');
  const transactions = new Map<string, Transaction>();
  let retransmissions = 0;
  let isClosed = false;

  const send = (text: string) => {
    if (!isClosed) socket.send(text, options.target.port, options.target.host);
  };

  const transact: SipExchange['transact'] = (text, branch, onProvisional) =>
    new Promise((resolve, reject) => {
      const isInvite = text.startsWith('INVITE ');
      const startedAt = performance.now();
      let interval = T1_MS;
      let timer: NodeJS.Timeout | undefined;
      const key = `${branch} ${text.slice(0, text.indexOf(' '))}`;
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        transactions.delete(key);
        finish();
      };
      const giveUp = (why: string) => settle(() => reject(new NoAnswerError(`${key}: ${why}`)));
      const resend = () => {
        if (performance.now() - startedAt > GIVE_UP_MS) return giveUp('no answer');
        retransmissions += 1;
        send(text);
        interval = isInvite ? interval * 2 : Math.min(interval * 2, T2_MS);
        timer = setTimeout(resend, interval);
      };
      transactions.set(key, {
        abandon: () => giveUp('the caller was closed'),
        onResponse: (response) => {
          if (response.status >= 200) return settle(() => resolve(response));
          if (isInvite) clearTimeout(timer);
          onProvisional?.(response);
        },
      });
      send(text);
      timer = setTimeout(resend, interval);
    });

  socket.on('error', () => undefined);
  socket.on('message', (bytes) => {
    const message = readMessage(bytes.toString('utf8'));
    if (!message) return;
    if (message.status === 0) return options.onRequest(message);
    const method = headerOf(message, 'cseq')?.split(' ')[1] ?? '';
    const transaction = transactions.get(`${branchOf(message) ?? ''} ${method}`);
    if (transaction) transaction.onResponse(message);
    else options.onStrayResponse(message);
  });

  return {
    port: socket.address().port,
    send,
    transact,
    get retransmissions() {
      return retransmissions;
    },
    close: () => {
      for (const { abandon } of [...transactions.values()]) abandon();
      isClosed = true;
      socket.close();
    },
  };
};
