import { headerKey } from './header-names.ts';
import { parseNumber } from './header-values.ts';
import type { Header, SipMessage } from './sip-message.ts';

/** Why a message cannot be understood; `status` is what a request is answered with. */
export class SipParseError extends Error {
  readonly code = 'badMessage';
  readonly status: 400 | 505;

  constructor(reason: string, status: 400 | 505 = 400) {
    super(reason);
    this.name = 'SipParseError';
    this.status = status;
  }
}

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
// eslint-disable-next-line no-control-regex -- NUL, bare CR and bare LF must not reach an application's line parser.
const CONTROL = /[\0\r\n]/;

/** Start line and headers of a message, and where its body begins. */
export type Head = { message: SipMessage; bodyStart: number };

/**
 * Reads start line and headers (RFC 3261 7, folded lines 7.3.1). The head ends at an empty line or at the end of text.
 * Throws `SipParseError`.
 */
export function parseHead(text: string): Head {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const lines = head.split('\r\n');
  const message = parseStartLine(lines[0] ?? '');
  for (let i = 1; i < lines.length; i += 1) addLine(message.headers, lines[i] ?? '');
  return { message, bodyStart: end < 0 ? text.length : end + 4 };
}

function addLine(headers: Header[], line: string): void {
  if (line === '') return;
  if (CONTROL.test(line)) throw new SipParseError('Control character in header');
  const first = line.charCodeAt(0);
  const last = headers[headers.length - 1];
  if (first === 32 || first === 9) {
    if (!last) throw new SipParseError('Folded line without header');
    last.value = `${last.value} ${line.trim()}`.trim();
    return;
  }
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trimEnd();
  if (colon < 1 || !TOKEN.test(name)) throw new SipParseError('Malformed header');
  headers.push({ name, key: headerKey(name), value: line.slice(colon + 1).trim() });
}

function parseStartLine(line: string): SipMessage {
  if (CONTROL.test(line)) throw new SipParseError('Control character in start line');
  return line.slice(0, 4).toUpperCase() === 'SIP/' ? parseStatusLine(line) : parseRequestLine(line);
}

function parseStatusLine(line: string): SipMessage {
  const space = line.indexOf(' ');
  const code = line.slice(space + 1, space + 4);
  const status = parseNumber(code, 699);
  const after = line[space + 4];
  if (space < 0 || status === null || status < 100 || (after !== undefined && after !== ' ')) {
    throw new SipParseError('Malformed status line');
  }
  assertVersion(line.slice(0, space));
  return { kind: 'response', status, reason: line.slice(space + 5).trim(), headers: [], body: '' };
}

function parseRequestLine(line: string): SipMessage {
  const parts = line.split(' ');
  const [method = '', uri = '', version = ''] = parts;
  if (parts.length !== 3 || !TOKEN.test(method) || uri === '' || uri.includes('\t')) {
    throw new SipParseError('Malformed request line');
  }
  assertVersion(version);
  return { kind: 'request', method, uri, headers: [], body: '' };
}

function assertVersion(version: string): void {
  if (/^SIP\/\d+\.\d+$/i.exec(version) === null) throw new SipParseError('Malformed version');
  if (version.slice(4) !== '2.0') throw new SipParseError('Version Not Supported', 505);
}

/** The announced body length; null when there is none. Throws `SipParseError` when it is no number or contradictory. */
export function contentLength(headers: readonly Header[]): number | null {
  let length: number | null = null;
  for (const header of headers) {
    if (header.key !== 'content-length') continue;
    const value = parseNumber(header.value, 0x7fffffff);
    if (value === null || (length !== null && length !== value)) throw new SipParseError('Bad Content-Length');
    length = value;
  }
  return length;
}
