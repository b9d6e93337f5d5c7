import { parseHostPort, paramOf } from './header-values.ts';

export type SipUri = { scheme: 'sip' | 'sips'; user: string; host: string; port: number | null; params: string };

/** Reads a SIP URI (RFC 3261 19.1); null for other schemes and for what is none. Headers after `?` are ignored. */
export function parseSipUri(text: string): SipUri | null {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon).toLowerCase();
  if ((scheme !== 'sip' && scheme !== 'sips') || /[\s<>"]/.test(text)) return null;
  // The user part may hold `;` and `?`, so the `@` is looked for first.
  const at = text.lastIndexOf('@');
  const user = at > colon ? text.slice(colon + 1, at) : '';
  const rest = text.slice(Math.max(at, colon) + 1);
  const question = rest.indexOf('?');
  const address = question < 0 ? rest : rest.slice(0, question);
  const semicolon = address.indexOf(';');
  const hostPort = parseHostPort(semicolon < 0 ? address : address.slice(0, semicolon));
  if (!hostPort) return null;
  return { scheme, user, ...hostPort, params: semicolon < 0 ? '' : address.slice(semicolon) };
}

/** The `transport` parameter, lower case, or null. */
export const transportOf = (uri: SipUri): string | null => paramOf(uri.params, 'transport')?.toLowerCase() || null;

/** Host in a URI or Via: IPv6 in brackets. */
export const uriHost = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** Host for a socket: IPv6 without brackets. */
export const socketHost = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);
