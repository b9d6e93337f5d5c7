/** Who may use the API: whoever presents the one token (RFC 6750). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Name of the query parameter for clients that cannot set headers (RFC 6750 2.3). */
export const QUERY_TOKEN = 'access_token';

const DOCS_COOKIE = 'trunkline_docs';

const digest = (text: string) => createHash('sha256').update(text).digest();
const isSame = (given: string, expected: Buffer) => timingSafeEqual(digest(given), expected);

const bearerOf = (header: string | undefined) => /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];

const queryTokenOf = ({ query }: FastifyRequest): string | undefined => {
  const given = (query as Record<string, unknown>)[QUERY_TOKEN];
  return typeof given === 'string' ? given : undefined;
};

const cookieOf = (request: FastifyRequest) =>
  request.headers.cookie
    ?.split(';')
    .map((part) => part.trim().split('='))
    .find(([name]) => name === DOCS_COOKIE)?.[1];

const refuse = (hasTried: boolean): never => {
  const challenge = { 'www-authenticate': 'Bearer' };
  if (hasTried) throw new Problem(401, 'token_invalid', 'The token is not valid.', challenge);
  throw new Problem(401, 'token_missing', 'A token is needed: Authorization: Bearer <token>.', challenge);
};

export type Access = ReturnType<typeof createAccess>;

/** Hooks that let a request pass or throw 401. Compares in constant time. Throws without a token to compare with. */
export const createAccess = (apiToken: string) => {
  if (apiToken.trim() === '') throw new Error('The HTTP API needs a token: an empty one would leave it open.');
  const expected = digest(apiToken);
  // The cookie is worth nothing outside the documentation pages, unlike the token.
  const cookieValue = createHmac('sha256', apiToken).update(DOCS_COOKIE).digest('hex');
  const expectedCookie = digest(cookieValue);

  const holdsToken = (request: FastifyRequest) => isSame(bearerOf(request.headers.authorization) ?? '', expected);

  const requireHeader = async (request: FastifyRequest) => {
    if (!holdsToken(request)) refuse(request.headers.authorization !== undefined);
  };

  const requireHeaderOrQuery = async (request: FastifyRequest) => {
    if (request.headers.authorization !== undefined) return requireHeader(request);
    const given = queryTokenOf(request);
    if (given === undefined || !isSame(given, expected)) refuse(given !== undefined);
  };

  /** A page opened with the token in its address is sent on without it, with a cookie for what the page loads. */
  const requireForDocs = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (isSame(cookieOf(request) ?? '', expectedCookie) && queryTokenOf(request) === undefined) return undefined;
    await requireHeaderOrQuery(request);
    const isPage = /^\/docs\/?(\?|$)/.test(request.url);
    if (!isPage || queryTokenOf(request) === undefined) return undefined;
    const secure = request.protocol === 'https' ? '; Secure' : '';
    return reply
      .header(
        'set-cookie',
        `${DOCS_COOKIE}=${cookieValue}; Path=/docs; HttpOnly; SameSite=Strict; Max-Age=28800${secure}`,
      )
      .redirect('/docs/', 303);
  };

  return { holdsToken, requireHeader, requireHeaderOrQuery, requireForDocs };
};
