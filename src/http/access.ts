/** How a request presents a token (RFC 6750), and who may read the documentation: whoever holds the API token. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Name of the query parameter for clients that cannot set headers (RFC 6750 2.3). */
export const QUERY_TOKEN = 'access_token';

const DOCS_COOKIE = 'trunkline_docs';

const digest = (text: string) => createHash('sha256').update(text).digest();
const isSame = (given: string, expected: Buffer) => timingSafeEqual(digest(given), expected);

export const bearerOf = (header: string | undefined) => /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];

export const queryTokenOf = ({ query }: FastifyRequest): string | undefined => {
  const given = (query as Record<string, unknown>)[QUERY_TOKEN];
  return typeof given === 'string' ? given : undefined;
};

const cookieOf = (request: FastifyRequest) =>
  request.headers.cookie
    ?.split(';')
    .map((part) => part.trim().split('='))
    .find(([name]) => name === DOCS_COOKIE)?.[1];

/** Throws 401; `hasTried` when there was something where a token stands. */
export const refuseToken = (hasTried: boolean): never => {
  const challenge = { 'www-authenticate': 'Bearer' };
  if (hasTried) throw new Problem(401, 'token_invalid', 'The token is not valid.', challenge);
  throw new Problem(401, 'token_missing', 'A token is needed: Authorization: Bearer <token>.', challenge);
};

export type Access = ReturnType<typeof createAccess>;

/** The hook of the documentation pages. Compares in constant time. Throws without a token to compare with. */
export const createAccess = (apiToken: string) => {
  if (apiToken.trim() === '') throw new Error('The HTTP API needs a token: an empty one would leave it open.');
  const expected = digest(apiToken);
  // The cookie is worth nothing outside the documentation pages, unlike the token.
  const cookieValue = createHmac('sha256', apiToken).update(DOCS_COOKIE).digest('hex');
  const expectedCookie = digest(cookieValue);

  const requireHeaderOrQuery = async (request: FastifyRequest) => {
    const { authorization } = request.headers;
    const given = authorization === undefined ? queryTokenOf(request) : bearerOf(authorization);
    if (!isSame(given ?? '', expected)) refuseToken(authorization !== undefined || given !== undefined);
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

  return { requireForDocs };
};
