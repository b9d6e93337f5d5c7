/** A blind transfer (RFC 3515): the peer is asked to call somebody else, and tells in NOTIFYs how that goes. */
import type { SignallingEvent } from '#domain/signalling.ts';
import type { ReceivedRequest, SipConnection } from './sip-connection.ts';

export type Transfer = {
  /** A NOTIFY of the implicit subscription. */
  notified(request: Pick<ReceivedRequest, 'header' | 'body'>): void;
  readonly isOver: boolean;
};

export type TransferOptions = {
  connection: Pick<SipConnection, 'send'>;
  dialogId: string;
  referTo: string;
  referredBy: string | null;
  tell: (event: SignallingEvent) => void;
};

const STATUS_LINE = /^\s*SIP\/2\.0 (\d{3})[ \t]*([^\r\n]*)/;

export const beginTransfer = ({ connection, dialogId, referTo, referredBy, tell }: TransferOptions): Transfer => {
  let isOver = false;

  const settle = (event: SignallingEvent): void => {
    if (isOver) return;
    isOver = true;
    tell(event);
  };
  const fail = (status: number | null, reason: string) => settle({ type: 'transfer.failed', status, reason });

  const headers = {
    'refer-to': `<${referTo}>`,
    ...(referredBy === null ? {} : { 'referred-by': `<${referredBy}>` }),
  };
  connection
    .send({ method: 'REFER', dialogId, headers }, ({ status, reason }) => {
      if (status < 200 || isOver) return;
      if (status >= 300) fail(status, reason);
      else tell({ type: 'transfer.accepted' });
    })
    .catch((error: unknown) => fail(null, error instanceof Error ? error.message : String(error)));

  return {
    notified: ({ header, body }) => {
      const [, code, reason = ''] = STATUS_LINE.exec(body) ?? [];
      // 100: still under way, or nothing that can be read.
      const status = Number(code ?? 100);
      if (status >= 300) return fail(status, reason);
      if (status >= 200) return settle({ type: 'transfer.completed' });
      const isTerminated = /^\s*terminated/i.test(header('subscription-state') ?? '');
      if (isTerminated) fail(null, 'the peer no longer tells how the transfer goes');
    },
    get isOver() {
      return isOver;
    },
  };
};
