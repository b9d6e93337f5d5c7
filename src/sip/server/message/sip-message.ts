/**
 * A SIP message after parsing. All text in the SIP server is bytes: strings hold one byte a character (latin1), so
 * a message leaves as it came whatever its encoding, and `length` is the length in bytes.
 */

/** `key` is the lower-case long form of `name`. */
export type Header = { name: string; key: string; value: string };

export type SipRequest = { kind: 'request'; method: string; uri: string; headers: Header[]; body: string };
export type SipResponse = { kind: 'response'; status: number; reason: string; headers: Header[]; body: string };
export type SipMessage = SipRequest | SipResponse;

/** Value of the first header with this key. */
export function headerValue(message: SipMessage, key: string): string | undefined {
  for (const header of message.headers) if (header.key === key) return header.value;
  return undefined;
}

/** All headers with this key, in order. */
export const headersOf = (message: SipMessage, key: string): Header[] =>
  message.headers.filter((header) => header.key === key);

/** Text to bytes of the wire, see the note above. */
export const toBytes = (text: string): Buffer => Buffer.from(text, 'latin1');
export const fromBytes = (bytes: Buffer): string => bytes.toString('latin1');
