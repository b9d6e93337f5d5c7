/** Parsers of single settings: text in, typed value out; a wrong text throws an `Error` whose message is the reason. */
import { isIP } from 'node:net';

/** `allowed` completes the sentence "allowed: …" of a refusal and of the printed table. */
export type Parser<T> = { allowed: string; parse: (text: string) => T };

export type ListenAddress = { protocol: 'udp' | 'tcp'; host: string; port: number };
/** `port` null: the protocol's own. */
export type HostAndPort = { host: string; port: number | null };
export type PortRange = { min: number; max: number };

const refuse = (reason: string): never => {
  throw new Error(reason);
};

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const isHost = (text: string) => isIP(text) !== 0 || HOST_NAME.test(text);

/** The parser's value, or null when the setting is empty. */
export const optional = <T>({ allowed, parse }: Parser<T>): Parser<T | null> => ({
  allowed: `empty, or ${allowed}`,
  parse: (text) => (text === '' ? null : parse(text)),
});

export const text = (options: { minLength?: number } = {}): Parser<string> => {
  const minLength = options.minLength ?? 1;
  return {
    allowed: minLength > 1 ? `text of at least ${minLength} characters` : 'any text',
    parse: (value) => (value.length >= minLength ? value : refuse(`it has ${value.length} characters`)),
  };
};

export const integer = (min: number, max: number): Parser<number> => ({
  allowed: `a whole number from ${min} to ${max}`,
  parse: (value) => {
    if (!/^\d{1,15}$/.test(value)) return refuse('it is not a whole number');
    const number = Number(value);
    return number >= min && number <= max ? number : refuse('it is out of range');
  },
});

export const modelPrices: Parser<{ input: number; output: number; asOf: string }> = {
  allowed: 'input/output/month, such as 3.00/12.00/2026-03',
  parse: (value) => {
    const [, input, output, asOf] =
      /^(\d{1,6}(?:\.\d{1,6})?)\/(\d{1,6}(?:\.\d{1,6})?)\/(\d{4}-\d\d)$/.exec(value) ?? [];
    if (asOf === undefined) return refuse('it is not two prices and a month');
    return { input: Number(input), output: Number(output), asOf };
  },
};

/** Port 0 means any free port. */
export const port: Parser<number> = { ...integer(0, 65_535), allowed: 'a port from 0 (any free port) to 65535' };

export const oneOf = <const T extends string>(...values: readonly T[]): Parser<T> => ({
  allowed: `one of ${values.join(', ')}`,
  parse: (value) => values.find((candidate) => candidate === value) ?? refuse('it is none of the known values'),
});

export const host: Parser<string> = {
  allowed: 'a host name or IP address',
  parse: (value) => (isHost(value) ? value : refuse('it is not a host')),
};

export const ipAddress: Parser<string> = {
  allowed: 'an IP address',
  parse: (value) => (isIP(value) === 0 ? refuse('it is not an IP address') : value),
};

export const url = (...schemes: readonly string[]): Parser<string> => ({
  allowed: `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  parse: (value) => {
    if (!URL.canParse(value)) return refuse('it is not a URL');
    return schemes.includes(new URL(value).protocol.slice(0, -1)) ? value : refuse('it has another scheme');
  },
});

export const listOf = <T>({ allowed, parse }: Parser<T>): Parser<readonly T[]> => ({
  allowed: `a list, separated by commas, of: ${allowed}`,
  parse: (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(parse),
});

export const portRange: Parser<PortRange> = {
  allowed: 'first-last within 1024 to 65535, two ports or more, such as 20000-29999',
  parse: (value) => {
    const match = /^(\d{1,5})-(\d{1,5})$/.exec(value);
    if (!match) return refuse('it is not of the form first-last');
    const [min, max] = [Number(match[1]), Number(match[2])];
    if (min < 1024 || max > 65_535) return refuse('it leaves the allowed ports');
    return max > min ? { min, max } : refuse('the last port is not above the first');
  },
};

/** A range of whole numbers, such as `9-19`. */
export const integerRange = (min: number, max: number): Parser<{ min: number; max: number }> => ({
  allowed: `first-last within ${min} to ${max}, such as 9-19`,
  parse: (value) => {
    const match = /^(\d{1,9})-(\d{1,9})$/.exec(value);
    if (!match) return refuse('it is not of the form first-last');
    const range = { min: Number(match[1]), max: Number(match[2]) };
    if (range.min < min || range.max > max) return refuse('it leaves the allowed range');
    return range.min <= range.max ? range : refuse('the last is below the first');
  },
});

/** `udp:127.0.0.1:5060`; an IPv6 host stands in brackets. */
export const listenAddress: Parser<ListenAddress> = {
  allowed: 'udp:host:port or tcp:host:port',
  parse: (value) => {
    const match = /^(\w+):(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value);
    if (!match) return refuse(`"${value}" is not of the form protocol:host:port`);
    const [protocol, address, number] = [match[1], match[2] ?? match[3] ?? '', Number(match[4])];
    if (protocol === 'tls') return refuse('TLS is not served yet');
    if (protocol !== 'udp' && protocol !== 'tcp') return refuse(`"${protocol}" is not a known protocol`);
    if (!isHost(address) || number > 65_535) return refuse(`"${value}" names no host and port`);
    return { protocol, host: address, port: number };
  },
};

/** `sip.example.com`, `192.0.2.1:5080`; an IPv6 host stands in brackets. Without a port it is the protocol's own. */
export const hostAndPort: Parser<HostAndPort> = {
  allowed: 'a host, or host:port',
  parse: (value) => {
    const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(value);
    const [, bracketed, plain, digits] = match ?? [];
    const address = bracketed ?? plain ?? '';
    if (!isHost(address)) return refuse('it names no host');
    if (digits === undefined) return { host: address, port: null };
    const number = Number(digits);
    return number > 0 && number <= 65_535 ? { host: address, port: number } : refuse('the port is out of range');
  },
};

const matching = (allowed: string, pattern: RegExp): Parser<string> => ({
  allowed,
  parse: (value) => (pattern.test(value) ? value : refuse(`"${value}" is not of this form`)),
});

export const countryCode = matching('a country code of ISO 3166, such as BG', /^[A-Z]{2}$/);
export const e164 = matching('a number such as +359888123456', /^\+[1-9]\d{6,14}$/);
/** `+35924000000=anna`: the number, and the name of the user whose calls they are. */
export const numberOwner: Parser<readonly [string, string]> = {
  allowed: 'number=user name, such as +35924000000=anna',
  parse: (value) => {
    const [, number, user] = /^(\+?\d{1,32})=(.{1,50})$/.exec(value) ?? [];
    if (number === undefined || user === undefined) return refuse(`"${value}" is not of this form`);
    return [number, user.trim()];
  },
};

export const e164Prefix = matching('the beginning of a number, such as +359', /^\+[1-9]\d{0,14}$/);
export const dialPrefix = matching('digits, with {slot} for the gate slot', /^(?:[0-9*#]|\{slot\}){1,20}$/);

/** A network in CIDR form; a bare address becomes a network of one. */
export const network: Parser<string> = {
  allowed: 'an IP address or network such as 192.0.2.0/24',
  parse: (value) => {
    const [address = '', prefix, ...rest] = value.split('/');
    const family = isIP(address);
    if (family === 0 || rest.length > 0) return refuse(`"${value}" is not an address or network`);
    const bits = family === 4 ? 32 : 128;
    if (prefix === undefined) return `${address}/${bits}`;
    return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits ? value : refuse(`"${value}" has a wrong prefix length`);
  },
};

const parseJson = (value: string): unknown => {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return refuse('it is not JSON');
  }
};

const isText = (value: unknown): value is string => typeof value === 'string';

/** A program and its arguments, each as it is: no shell reads them. */
export const argumentList: Parser<readonly [string, ...string[]]> = {
  allowed: 'a JSON list of texts, such as ["program", "-f", "{file}"]',
  parse: (value) => {
    const list = parseJson(value);
    if (!Array.isArray(list) || !list.every(isText)) return refuse('it is not a list of texts');
    const [program = '', ...rest] = list;
    return program === '' ? refuse('it names no program') : [program, ...rest];
  },
};

/** Headers of a request by their names. */
export const headerList: Parser<Readonly<Record<string, string>>> = {
  allowed: 'a JSON object of texts, such as {"Authorization": "Bearer …"}',
  parse: (value) => {
    const headers = parseJson(value);
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return refuse('it is not an object');
    const entries = Object.entries(headers);
    if (!entries.every((entry): entry is [string, string] => isText(entry[1]))) return refuse('a value is no text');
    if (entries.some((entry) => /[\r\n\0]/.test(entry.join('')))) return refuse('a header has a line break');
    return Object.fromEntries(entries);
  },
};
