import { contentLength, parseHead, SipParseError } from './message-head.ts';
import { readFacts, type MessageFacts } from './message-facts.ts';
import type { SipMessage, SipRequest, SipResponse } from './sip-message.ts';

/** A message with its facts; `bytes` is its size on the wire. */
export type ParsedRequest = { message: SipRequest; facts: MessageFacts; bytes: number };
export type ParsedResponse = { message: SipResponse; facts: MessageFacts; bytes: number };

export type ParseResult =
  | { type: 'request'; parsed: ParsedRequest }
  | { type: 'response'; parsed: ParsedResponse }
  /** `message` is what could be read: enough to answer, if it is a request with a Via. */
  | { type: 'bad'; error: SipParseError; message: SipMessage };

/**
 * Reads one whole message: a datagram, or what the stream framer cut out. Never throws.
 * A body longer than Content-Length is cut, a shorter one is an error (RFC 3261 18.3).
 */
export function parseMessage(text: string): ParseResult {
  const head = parseHead(text);
  const { message } = head;
  try {
    if (head.fault) throw head.fault;
    const announced = contentLength(message.headers);
    const available = text.length - head.bodyStart;
    if (announced !== null && announced > available) throw new SipParseError('Body shorter than Content-Length');
    message.body = text.slice(head.bodyStart, head.bodyStart + (announced ?? available));
    const facts = readFacts(message);
    const bytes = text.length;
    return message.kind === 'request'
      ? { type: 'request', parsed: { message, facts, bytes } }
      : { type: 'response', parsed: { message, facts, bytes } };
  } catch (error) {
    if (error instanceof SipParseError) return { type: 'bad', error, message };
    throw error;
  }
}
