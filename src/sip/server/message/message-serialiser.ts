import type { SipMessage } from './sip-message.ts';

/** Text of a message for the wire; Content-Length is always written anew, last. */
export function serialise(message: SipMessage): string {
  let text =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  for (const { name, key, value } of message.headers) {
    if (key !== 'content-length') text += `${name}: ${value}\r\n`;
  }
  return `${text}Content-Length: ${message.body.length}\r\n\r\n${message.body}`;
}
