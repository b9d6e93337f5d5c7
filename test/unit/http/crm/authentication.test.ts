import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { createAuthentication, type Who } from '#http/crm/authentication.ts';
import type { Identity } from '#http/crm/ports.ts';
import { createTokens } from '#http/crm/tokens.ts';
import { handleError } from '#http/error-handler.ts';
import { JWT_SECRET, TOKEN } from '../../../fakes/http.ts';

const tokens = createTokens(JWT_SECRET);
const WHO: readonly Who[] = ['public', 'user', 'subscriber', 'admin', 'superadmin'];

const identityOf = (role: 'superadmin' | 'admin' | 'agent', isSubscribed: boolean): Identity => ({
  viewer: {
    ...{ id: 7, role, username: 'x', fullName: 'x', email: 'x@example.com', organization: null },
    ...{ createdById: null, gateSlot: null, isSubscribed },
  },
  isActive: true,
  scope: { kind: 'owners', ids: [7] },
});

const start = (find: () => Promise<Identity | null>) => {
  const app = Fastify();
  app.setErrorHandler(handleError);
  app.register(createAuthentication({ apiToken: TOKEN, tokens, identities: { find } }));
  return app;
};

it('D8: an application with a route that does not say whom it is for does not start', async () => {
  const app = start(async () => null);
  app.register(async (inner) => {
    inner.get('/api/open', async () => 'anybody could read this');
  });
  await expect(app.ready()).rejects.toThrow('Nobody said who may use GET /api/open: set config.who.');
});

it('a secret shorter than the hash is refused', () => {
  expect(() => createTokens('x'.repeat(31))).toThrow('needs 32 bytes');
});

describe('a route', () => {
  it.each([
    ['superadmin', true, [200, 200, 200, 403, 200]],
    ['admin', true, [200, 200, 200, 200, 403]],
    ['admin', false, [200, 200, 403, 200, 403]],
    ['agent', true, [200, 200, 200, 403, 403]],
    ['agent', false, [200, 200, 403, 403, 403]],
  ] as const)('lets in an %s (subscribed: %s) as it says', async (role, isSubscribed, expected) => {
    const app = start(async () => identityOf(role, isSubscribed));
    app.register(async (inner) => {
      for (const who of WHO) inner.get(`/api/${who}`, { config: { who } }, async () => who);
    });
    const authorization = `Bearer ${await tokens.sign({ id: 7, role })}`;
    const statuses = [];
    for (const who of WHO) {
      statuses.push((await app.inject({ url: `/api/${who}`, headers: { authorization } })).statusCode);
    }
    expect(statuses).toEqual(expected);
  });

  it('that is public knows who asks, but never refuses: also while the database is out', async () => {
    const app = start(() => Promise.reject(Object.assign(new Error('out'), { code: 'unavailable' })));
    app.register(async (inner) => {
      inner.get('/api/public', { config: { who: 'public' } }, async (request) => ({ known: await request.identify() }));
      inner.get('/api/user', { config: { who: 'user' } }, async () => 'x');
    });
    const headers = { authorization: `Bearer ${await tokens.sign({ id: 7, role: 'agent' })}` };
    expect((await app.inject({ url: '/api/public', headers })).json()).toEqual({ known: null });
    expect((await app.inject({ url: '/api/user', headers })).statusCode).toBe(503);
  });
});
