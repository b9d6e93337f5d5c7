/** SIP messages of the test caller: just enough to write requests and to read what comes back, in full. */

export type CallerMessage = {
  /** Request line or status line. */
  startLine: string;
  /** 0 for requests. */
  status: number;
  /** Empty for responses. */
  method: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
  /** As it came. */
  raw: string;
};

const COMPACT: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  c: 'content-type',
  l: 'content-length',
};

const longName = (name: string): string => COMPACT[name.toLowerCase()] ?? name.toLowerCase();

export const headersOf = (message: CallerMessage, name: string): string[] =>
  message.headers.filter(([key]) => longName(key) === name.toLowerCase()).map(([, value]) => value);

export const headerOf = (message: CallerMessage, name: string): string | null => headersOf(message, name)[0] ?? null;

export const toTagOf = (message: CallerMessage): string | null =>
  /;tag=([^;\s]+)/.exec(headerOf(message, 'to') ?? '')?.[1] ?? null;

/** Null: not a SIP message. */
export const readMessage = (raw: string): CallerMessage | null => {
  const end = raw.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [startLine = '', ...lines] = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const status = /^SIP\/2\.0 (\d{3}) /.exec(startLine)?.[1];
  const method = status === undefined ? /^([A-Z]+) \S+ SIP\/2\.0$/.exec(startLine)?.[1] : '';
  if (method === undefined) return null;
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
  });
  return { startLine, status: Number(status ?? 0), method, headers, body: raw.slice(end + 4), raw };
};

export const writeMessage = (
  startLine: string,
  headers: readonly (readonly [name: string, value: string])[],
  body: string,
): string =>
  [
    startLine,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

/** A response with what RFC 3261 8.2.6.2 copies from the request. */
export const writeResponse = (request: CallerMessage, status: string, toTag: string, body = ''): string => {
  const to = headerOf(request, 'to') ?? '';
  const headers: [string, string][] = [
    ...headersOf(request, 'via').map((value): [string, string] => ['Via', value]),
    ['From', headerOf(request, 'from') ?? ''],
    ['To', to.includes(';tag=') ? to : `${to};tag=${toTag}`],
    ['Call-ID', headerOf(request, 'call-id') ?? ''],
    ['CSeq', headerOf(request, 'cseq') ?? ''],
  ];
  if (body !== '') headers.push(['Content-Type', 'application/sdp']);
  return writeMessage(`SIP/2.0 ${status}`, headers, body);
};

/** Where a session description says that its audio is to be sent; null on hold or without audio. */
export const mediaTargetOf = (sdp: string): { host: string; port: number } | null => {
  const audio = sdp.slice(Math.max(0, sdp.indexOf('m=audio')));
  const port = Number(/^m=audio (\d+)/m.exec(audio)?.[1] ?? 0);
  const host = /^c=IN IP4 (\S+)/m.exec(audio)?.[1] ?? /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
  return host === undefined || host === '0.0.0.0' || port === 0 ? null : { host, port };
};
