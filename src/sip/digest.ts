/** Digest access authentication of requests that we send (RFC 7616, RFC 8760, RFC 2617). Pure; never throws. */
import { createHash } from 'node:crypto';

export type Credentials = { username: string; password: string };

const ALGORITHMS = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;
type Algorithm = keyof typeof ALGORITHMS;

export type Challenge = {
  realm: string;
  nonce: string;
  opaque: string | null;
  algorithm: Algorithm;
  /** `-sess`: the key is bound to the nonces (RFC 7616 3.4.2). */
  isSession: boolean;
  /** As the server wrote it, to be sent back; null when it wrote none. */
  algorithmText: string | null;
  qop: 'auth' | 'auth-int' | null;
  /** The answer before was right, but its nonce was too old. */
  isStale: boolean;
};

export type AuthorisedRequest = { method: string; uri: string; body: string };

/** Strongest first. */
const PREFERENCE: readonly Algorithm[] = ['SHA-512-256', 'SHA-256', 'MD5'];

const PARAMETER = /([a-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;
/** A scheme begins a challenge: a word that no `=` follows. */
const SCHEME = /(?:^|,)\s*([a-z0-9]+)\s+(?=[a-z0-9_-]+\s*=)/gi;

const splitChallenges = (header: string): { scheme: string; text: string }[] => {
  // What stands in quotes may look like anything.
  const blanked = header.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => `"${'x'.repeat(quoted.length - 2)}"`);
  const starts = [...blanked.matchAll(SCHEME)];
  return starts.map((start, index) => ({
    scheme: (start[1] ?? '').toLowerCase(),
    text: header.slice(start.index + start[0].length, starts[index + 1]?.index),
  }));
};

const parametersOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(PARAMETER)].map(([, name = '', quoted, token]) => [
      name.toLowerCase(),
      quoted === undefined ? (token ?? '') : quoted.replace(/\\(.)/g, '$1'),
    ]),
  );

const qopOf = (offered: string | undefined): Challenge['qop'] | 'unknown' => {
  if (offered === undefined || offered.trim() === '') return null;
  const options = offered.split(',').map((option) => option.trim().toLowerCase());
  if (options.includes('auth')) return 'auth';
  return options.includes('auth-int') ? 'auth-int' : 'unknown';
};

const readAlgorithm = (text: string): { algorithm: Algorithm | undefined; isSession: boolean } => {
  const isSession = /-sess$/i.test(text);
  const name = text.replace(/-sess$/i, '').toUpperCase();
  return { algorithm: PREFERENCE.find((known) => known === name), isSession };
};

const readChallenge = (text: string): Challenge | null => {
  const parameters = parametersOf(text);
  const algorithmText = parameters.get('algorithm') ?? null;
  const { algorithm, isSession } = readAlgorithm(algorithmText ?? 'MD5');
  const [realm, nonce, qop] = [parameters.get('realm'), parameters.get('nonce'), qopOf(parameters.get('qop'))];
  if (!algorithm || realm === undefined || nonce === undefined || qop === 'unknown') return null;
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque') ?? null,
    algorithm,
    isSession,
    algorithmText,
    qop,
    isStale: parameters.get('stale')?.toLowerCase() === 'true',
  };
};

/** The strongest digest challenge of a `WWW-Authenticate` or `Proxy-Authenticate` header that can be answered; null: there is none. */
export const readChallenges = (header: string | null): Challenge | null => {
  const challenges = splitChallenges(header ?? '')
    .filter(({ scheme }) => scheme === 'digest')
    .flatMap(({ text }) => readChallenge(text) ?? []);
  return PREFERENCE.flatMap((algorithm) => challenges.find((own) => own.algorithm === algorithm) ?? [])[0] ?? null;
};

const quoted = (text: string) => `"${text.replace(/(["\\])/g, '\\$1')}"`;

/** The value of `Authorization` or `Proxy-Authorization`. `count` is how often this nonce was used, this time included. */
export const authorise = (
  challenge: Challenge,
  credentials: Credentials,
  request: AuthorisedRequest,
  { count, cnonce }: { count: number; cnonce: string },
): string => {
  const { realm, nonce, opaque, qop, isSession, algorithmText } = challenge;
  const hash = (text: string) => createHash(ALGORITHMS[challenge.algorithm]).update(text, 'utf8').digest('hex');
  const { method, uri, body } = request;
  const account = hash(`${credentials.username}:${realm}:${credentials.password}`);
  const key = isSession ? hash(`${account}:${nonce}:${cnonce}`) : account;
  const asked = hash(qop === 'auth-int' ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`);
  const nc = count.toString(16).padStart(8, '0');
  const response = hash(qop === null ? `${key}:${nonce}:${asked}` : `${key}:${nonce}:${nc}:${cnonce}:${qop}:${asked}`);
  const fields = [
    `username=${quoted(credentials.username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    ...(algorithmText === null ? [] : [`algorithm=${algorithmText}`]),
    ...(opaque === null ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop === null ? [] : [`qop=${qop}`, `nc=${nc}`]),
    ...(qop !== null || isSession ? [`cnonce="${cnonce}"`] : []),
  ];
  return `Digest ${fields.join(', ')}`;
};
