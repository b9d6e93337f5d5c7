import { canonicalName } from './header-names.ts';
import { parseNameAddr, splitList } from './header-values.ts';
import { parseHead } from './message-head.ts';
import { headerValue, type Header, type SipMessage } from './sip-message.ts';

/** A message as an application gave it: the server completes it and decides what may be kept. */
export type AppMessage = { message: SipMessage; headers: Header[] };

/** Written by the server alone; an application's are dropped. */
const OURS = new Set(['via', 'route', 'record-route', 'rseq', 'content-length']);
const LOCAL_HOST_ALLOWED = new Set(['from', 'to', 'contact', 'p-asserted-identity']);

/** Reads a message of an application; the body is everything after the head, whatever Content-Length says. */
export function parseAppMessage(text: string): AppMessage | null {
  const { message, bodyStart, fault } = parseHead(text);
  if (fault) return null;
  message.body = text.slice(bodyStart);
  const headers = message.headers
    .filter(({ key }) => !OURS.has(key))
    .map(({ name, key, value }) => ({ name: canonicalName(name), key, value }));
  return { message, headers };
}

/** Replaces `@localhost` by our address and puts bare URIs into brackets, where applications may leave them out. */
export function localise(headers: readonly Header[], hostPort: string): Header[] {
  return headers.map((header) => {
    if (!LOCAL_HOST_ALLOWED.has(header.key)) return header;
    const value = splitList(header.value).map(bracketed).join(', ');
    return { ...header, value: value.replace(/([@:])localhost(?=[;>\s]|$)/g, `$1${hostPort}`) };
  });
}

function bracketed(value: string): string {
  if (value.includes('<') || value === '*') return value;
  const address = parseNameAddr(value);
  return address ? `<${address.uri}>${address.params}` : value;
}

export const hasHeader = (headers: readonly Header[], key: string): boolean =>
  headers.some((header) => header.key === key);

export const header = (name: string, value: string): Header => ({ name, key: name.toLowerCase(), value });

/**
 * Content-Type for a body that came without one: SDP is recognised, no body needs none.
 * Null: it cannot be told and the message must be refused.
 */
export function defaultContentType({ message }: AppMessage): Header[] | null {
  if (message.body === '' || headerValue(message, 'content-type') !== undefined) return [];
  return message.body.startsWith('v=0') ? [header('Content-Type', 'application/sdp')] : null;
}
