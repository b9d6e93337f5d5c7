import { SipParseError } from './message-head.ts';
import { paramOf, parseNameAddr, parseNumber, parseVia, splitFirst, type Via } from './header-values.ts';
import { headerValue, type SipMessage } from './sip-message.ts';

/** What transactions and dialogs match by, read once for each message. Absent tags are `''`. */
export type MessageFacts = {
  via: Via;
  callId: string;
  cseq: number;
  /** Of CSeq; equals the method of a request. */
  method: string;
  fromTag: string;
  toTag: string;
};

const SINGLE = ['from', 'to', 'call-id', 'cseq', 'max-forwards'];
const MAX_CSEQ = 0x7fffffff;

/** Reads the mandatory headers (RFC 3261 8.1.1); throws `SipParseError` when one is missing, doubled or malformed. */
export function readFacts(message: SipMessage): MessageFacts {
  assertSingle(message);
  const via = parseVia(splitFirst(required(message, 'via')).first);
  if (!via) throw new SipParseError('Bad Via');
  const { cseq, method } = readCSeq(required(message, 'cseq'));
  if (message.kind === 'request' && message.method !== method) throw new SipParseError('CSeq method mismatch');
  const callId = required(message, 'call-id');
  if (/\s/.test(callId)) throw new SipParseError('Bad Call-ID');
  return { via, callId, cseq, method, fromTag: tagOf(message, 'from'), toTag: tagOf(message, 'to') };
}

function assertSingle(message: SipMessage): void {
  const seen = new Set<string>();
  for (const { key } of message.headers) {
    if (seen.has(key) && SINGLE.includes(key)) throw new SipParseError(`Repeated ${key}`);
    seen.add(key);
  }
}

function required(message: SipMessage, key: string): string {
  const value = headerValue(message, key);
  if (value === undefined || value === '') throw new SipParseError(`Missing ${key}`);
  return value;
}

function readCSeq(value: string): { cseq: number; method: string } {
  const match = /^(\d{1,10})[ \t]+([^\s]+)$/.exec(value);
  const cseq = match ? parseNumber(match[1] ?? '', MAX_CSEQ) : null;
  if (!match || cseq === null) throw new SipParseError('Bad CSeq');
  return { cseq, method: match[2] ?? '' };
}

function tagOf(message: SipMessage, key: string): string {
  const address = parseNameAddr(required(message, key));
  if (!address) throw new SipParseError(`Bad ${key}`);
  return paramOf(address.params, 'tag') ?? '';
}
