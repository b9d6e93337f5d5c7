/** Reading of header values (RFC 3261 25.1), by index rather than by regular expression: this is the hot path. */

const QUOTE = 34;
const BACKSLASH = 92;

/** Index of the quote that closes the string opened at `open`; the end of text when it is not closed. */
function closingQuote(value: string, open: number): number {
  for (let i = open + 1; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i += 1;
  }
  return value.length;
}

/** Index of the first of `wanted` outside quoted strings and angle brackets, or -1. */
function indexOutside(value: string, wanted: string, from: number): number {
  let isInBrackets = false;
  for (let i = from; i < value.length; i += 1) {
    const char = value.charAt(i);
    if (!isInBrackets && wanted.includes(char)) return i;
    if (char === '"') i = closingQuote(value, i);
    else if (char === '<') isInBrackets = true;
    else if (char === '>') isInBrackets = false;
  }
  return -1;
}

/** The elements of a comma separated header value. */
export function splitList(value: string): string[] {
  const elements: string[] = [];
  let start = 0;
  for (let comma = indexOutside(value, ',', 0); comma >= 0; comma = indexOutside(value, ',', start)) {
    elements.push(value.slice(start, comma).trim());
    start = comma + 1;
  }
  elements.push(value.slice(start).trim());
  return elements.filter((element) => element !== '');
}

/** The first element of a comma separated header value, and what follows it (with its comma). */
export function splitFirst(value: string): { first: string; rest: string } {
  const comma = indexOutside(value, ',', 0);
  return comma < 0 ? { first: value, rest: '' } : { first: value.slice(0, comma), rest: value.slice(comma) };
}

/** A parameter of `;a=b;c`; `''` when it has no value, undefined when absent. Names are case-insensitive. */
export function paramOf(params: string, name: string): string | undefined {
  let start = params.indexOf(';');
  while (start >= 0) {
    const end = indexOutside(params, ';', start + 1);
    const param = params.slice(start + 1, end < 0 ? params.length : end);
    const equals = param.indexOf('=');
    const key = (equals < 0 ? param : param.slice(0, equals)).trim();
    if (key.length === name.length && key.toLowerCase() === name) {
      return equals < 0 ? '' : param.slice(equals + 1).trim();
    }
    start = end;
  }
  return undefined;
}

export type NameAddr = {
  /** Without brackets. */
  uri: string;
  /** Header parameters, beginning with `;`, or empty. */
  params: string;
};

/** Reads `"Name" <uri>;params`, `Name <uri>;params` and `uri;params`; null when a bracket does not close. */
export function parseNameAddr(value: string): NameAddr | null {
  const open = indexOutside(value, '<', 0);
  if (open < 0) {
    const end = value.indexOf(';');
    return end < 0
      ? { uri: value.trim(), params: '' }
      : { uri: value.slice(0, end).trim(), params: value.slice(end).trim() };
  }
  const close = value.indexOf('>', open);
  if (close < 0) return null;
  return { uri: value.slice(open + 1, close).trim(), params: value.slice(close + 1).trim() };
}

export type Via = {
  transport: string;
  host: string;
  port: number | null;
  branch: string;
  /** Everything from the first `;`. */
  params: string;
};

const VIA = /^SIP\s*\/\s*2\.0\s*\/\s*([^\s/;,]+)\s+([^;,]+)(;.*)?$/i;

/** Reads one element of a Via header; null when it is none. */
export function parseVia(value: string): Via | null {
  const match = VIA.exec(value.trim());
  if (!match) return null;
  const sentBy = parseHostPort((match[2] ?? '').trim());
  if (!sentBy) return null;
  const params = match[3] ?? '';
  return { transport: (match[1] ?? '').toUpperCase(), ...sentBy, branch: paramOf(params, 'branch') ?? '', params };
}

/** Reads `host`, `host:port`, `[v6]:port`, with blanks around the colon; null when the port is none. */
export function parseHostPort(text: string): { host: string; port: number | null } | null {
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1;
  if (text.startsWith('[') && bracket < 0) return null;
  const colon = text.indexOf(':', bracket + 1);
  const host = (colon < 0 ? text : text.slice(0, colon)).trim();
  if (host === '' || /[\s<>"]/.test(host)) return null;
  if (colon < 0) return { host, port: null };
  const port = parseNumber(text.slice(colon + 1).trim(), 65535);
  return port === null || port === 0 ? null : { host, port };
}

/** A non-negative decimal integer up to `max`, else null. */
export function parseNumber(text: string, max: number): number | null {
  if (text.length === 0 || text.length > 10) return null;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return null;
  }
  const number = Number(text);
  return number <= max ? number : null;
}
