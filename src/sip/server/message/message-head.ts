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

/** Start line and headers of a message, and where its body begins. `fault`: the first thing wrong, the rest being read. */
export type Head = { message: SipMessage; bodyStart: number; fault: SipParseError | null };

/**
 * Reads start line and headers (RFC 3261 7, folded lines 7.3.1) as far as they can be, so that even a bad request can
 * be answered. The head ends at an empty line or at the end of text.
 */
export function parseHead(text: string): Head {
  const end = text.indexOf('\r\n\r\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const start = parseStartLine(lines[0] ?? '');
  let { fault } = start;
  for (let i = 1; i < lines.length; i += 1) {
    const problem = addLine(start.message.headers, lines[i] ?? '');
    if (problem !== null) fault ??= new SipParseError(problem);
  }
  return { message: start.message, bodyStart: end < 0 ? text.length : end + 4, fault };
}

/** What is wrong with the line, or null. */
function addLine(headers: Header[], line: string): string | null {
  if (line === '') return null;
  if (CONTROL.test(line)) return 'Control character in header';
  const first = line.charCodeAt(0);
  if (first === 32 || first === 9) {
    const last = headers.at(-1);
    if (!last) return 'Folded line without header';
    last.value = `${last.value} ${line.trim()}`.trim();
    return null;
  }
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trimEnd();
  if (colon < 1 || !TOKEN.test(name)) return 'Malformed header';
  headers.push({ name, key: headerKey(name), value: line.slice(colon + 1).trim() });
  return null;
}

type StartLine = Pick<Head, 'message' | 'fault'>;

function parseStartLine(line: string): StartLine {
  const { message, fault } = line.slice(0, 4).toUpperCase() === 'SIP/' ? parseStatusLine(line) : parseRequestLine(line);
  return { message, fault: CONTROL.test(line) ? new SipParseError('Control character in start line') : fault };
}

function parseStatusLine(line: string): StartLine {
  const space = line.indexOf(' ');
  const status = parseNumber(line.slice(space + 1, space + 4), 699);
  const after = line[space + 4];
  const isMalformed = space < 0 || status === null || status < 100 || (after !== undefined && after !== ' ');
  const message: SipMessage = {
    kind: 'response',
    status: status ?? 0,
    reason: line.slice(space + 5).trim(),
    headers: [],
    body: '',
  };
  return {
    message,
    fault: isMalformed ? new SipParseError('Malformed status line') : versionFault(line.slice(0, space)),
  };
}

function parseRequestLine(line: string): StartLine {
  const parts = line.split(' ');
  const [method = '', uri = '', version = ''] = parts;
  const isMalformed = parts.length !== 3 || !TOKEN.test(method) || uri === '' || uri.includes('\t');
  const message: SipMessage = { kind: 'request', method, uri, headers: [], body: '' };
  return { message, fault: isMalformed ? new SipParseError('Malformed request line') : versionFault(version) };
}

function versionFault(version: string): SipParseError | null {
  if (/^SIP\/\d+\.\d+$/i.exec(version) === null) return new SipParseError('Malformed version');
  return version.slice(4) === '2.0' ? null : new SipParseError('Version Not Supported', 505);
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
