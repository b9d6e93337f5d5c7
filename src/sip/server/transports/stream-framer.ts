import { contentLength, parseHead, SipParseError } from '#sip/server/message/message-head.ts';

/** What a stream yielded: a whole message, a keep-alive to answer (RFC 5626 4.4.1), or the end of its usefulness. */
export type StreamItem = { type: 'message'; text: string } | { type: 'ping' } | { type: 'broken'; text: string };

const MAX_HEAD = 64 * 1024;
const MAX_BODY = 4 * 1024 * 1024;
const PING = '\r\n\r\n';

/**
 * Cuts a byte stream into messages by Content-Length (RFC 3261 18.3). Without a usable length the boundary is lost:
 * `broken` is reported once with the offending head, and the stream must be closed.
 */
export function createStreamFramer(): { push(chunk: string): StreamItem[] } {
  let buffered = '';
  /** Length of the message at the start of the buffer, once its head is complete. */
  let needed: number | null = null;
  let isBroken = false;

  const breakWith = (text: string): StreamItem => {
    isBroken = true;
    buffered = '';
    return { type: 'broken', text };
  };

  const next = (): StreamItem | null => {
    if (needed === null) {
      const blank = takeBlankLines();
      if (blank) return blank;
      const headEnd = buffered.indexOf('\r\n\r\n');
      if (headEnd < 0) return buffered.length > MAX_HEAD ? breakWith(buffered.slice(0, MAX_HEAD)) : null;
      const head = buffered.slice(0, headEnd + 4);
      const body = bodyLength(head);
      if (body === null || headEnd > MAX_HEAD || body > MAX_BODY) return breakWith(head);
      needed = head.length + body;
    }
    if (buffered.length < needed) return null;
    const text = buffered.slice(0, needed);
    buffered = buffered.slice(needed);
    needed = null;
    return { type: 'message', text };
  };

  const takeBlankLines = (): StreamItem | null => {
    if (buffered.startsWith(PING)) {
      buffered = buffered.slice(PING.length);
      return { type: 'ping' };
    }
    // A single CRLF may be the first half of a ping, or padding before a message.
    if (buffered.startsWith('\r\n') && buffered.length > 3) buffered = buffered.slice(2);
    return null;
  };

  const push = (chunk: string): StreamItem[] => {
    if (isBroken) return [];
    buffered += chunk;
    const items: StreamItem[] = [];
    for (let item = next(); item; item = next()) items.push(item);
    return items;
  };
  return { push };
}

/** Null when the head has no usable Content-Length; also a message that is otherwise malformed has its boundary. */
function bodyLength(head: string): number | null {
  try {
    return contentLength(parseHead(head).message.headers);
  } catch (error) {
    if (error instanceof SipParseError) return null;
    throw error;
  }
}
