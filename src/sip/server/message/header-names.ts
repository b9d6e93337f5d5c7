const LONG_FORMS: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

const IRREGULAR: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'mime-version': 'MIME-Version',
  rack: 'RAck',
  rseq: 'RSeq',
  'min-se': 'Min-SE',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
};

const keys = new Map<string, string>();
const names = new Map<string, string>();
const CACHE_LIMIT = 512;

function remember(cache: Map<string, string>, from: string, to: string): string {
  if (cache.size < CACHE_LIMIT) cache.set(from, to);
  return to;
}

/** Lower-case long form of a header name; compact forms of RFC 3261 7.3.3 and its extensions are expanded. */
export function headerKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return remember(keys, name, Object.hasOwn(LONG_FORMS, lower) ? (LONG_FORMS[lower] ?? lower) : lower);
}

/** The name a header is sent with: canonical spelling, `X-` headers as given. */
export function canonicalName(name: string): string {
  if (name.startsWith('X-') || name.startsWith('x-')) return name;
  const known = names.get(name);
  if (known !== undefined) return known;
  const key = headerKey(name);
  const spelling = Object.hasOwn(IRREGULAR, key)
    ? (IRREGULAR[key] ?? key)
    : key.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
  return remember(names, name, spelling);
}
