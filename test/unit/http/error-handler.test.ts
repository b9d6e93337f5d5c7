import { describe, expect, it } from 'vitest';
import { AUTHORISED, callId, createHttpFixture } from '../../fakes/http.ts';

const ORIGIN = 'http://localhost:3000';
const FROM_PAGE = { ...AUTHORISED, origin: ORIGIN };

describe('errors', () => {
  it('of the database are 503 with a time to wait, and tell nothing of it', async () => {
    const { get, rows, log } = createHttpFixture();
    rows.failure = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'unavailable' });
    for (const tail of ['', `/${callId(1)}`, `/${callId(1)}/timeline`, `/${callId(1)}/transcript`]) {
      const response = await get(`/api/v1/calls${tail}`);
      expect(response.statusCode).toBe(503);
      expect(response.headers['retry-after']).toBe('5');
      expect(response.json()).toEqual({
        code: 'storage_unavailable',
        message: 'The database cannot be reached at the moment.',
        detail: 'The database cannot be reached at the moment.',
      });
    }
    expect(log.join('')).toContain('10.0.0.7');
  });

  it('nobody expected are 500, and tell nothing of what happened', async () => {
    const { get, rows, log } = createHttpFixture();
    rows.failure = new Error('select secret from /data/place');
    const response = await get('/api/v1/calls');
    expect([response.statusCode, response.json()]).toEqual([
      500,
      {
        code: 'internal_error',
        message: 'Something went wrong; the log has the details.',
        detail: 'Something went wrong; the log has the details.',
      },
    ]);
    expect(log.join('')).toContain('select secret');
  });

  it('with a status of their own above 499 are faults as well', async () => {
    const { get, rows } = createHttpFixture();
    rows.failure = Object.assign(new Error('upstream body'), { statusCode: 502 });
    expect((await get('/api/v1/calls')).statusCode).toBe(500);
  });

  it.each([
    ['{', 'application/json', 400, 'invalid_body'],
    ['{"__proto__":{}}', 'application/json', 400, 'invalid_body'],
    ['a=1', 'text/csv', 415, 'unsupported_media_type'],
    [`"${'x'.repeat(1024 * 1024)}"`, 'application/json', 413, 'body_too_large'],
  ])('for the body %.20s keep their status', async (payload, type, status, code) => {
    const { app } = createHttpFixture();
    const headers = { ...AUTHORISED, 'content-type': type };
    const response = await app.inject({ method: 'POST', url: `/api/v1/calls/${callId(1)}/hangup`, headers, payload });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(response.json().detail).toBe(response.json().message);
  });

  it.each([
    '/',
    '/api',
    '/api/v1/nothing',
    '/.env',
    '/static/.env',
    '/api/v1/calls/',
    '/docs/static/..%2fpackage.json',
  ])('D8: for %s are 404 in JSON', async (url) => {
    const { get } = createHttpFixture();
    const response = await get(url);
    expect(response.statusCode).toBe(404);
    expect(response.json().detail).toBeTypeOf('string');
  });

  it('for a method that a path does not have are 404', async () => {
    const { app } = createHttpFixture();
    const response = await app.inject({ method: 'DELETE', url: `/api/v1/calls/${callId(1)}`, headers: AUTHORISED });
    expect(response.statusCode).toBe(404);
  });
});

describe('CORS', () => {
  it('answers a preflight without the token', async () => {
    const { app } = createHttpFixture();
    const response = await app.inject({
      method: 'OPTIONS',
      url: `/api/v1/calls/${callId(1)}`,
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(response.statusCode).toBe(204);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': 'Authorization, Content-Type, Range, If-Range, Last-Event-ID',
      'access-control-max-age': '600',
    });
    expect(response.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it.each([
    [200, '/api/v1/calls', FROM_PAGE],
    [401, '/api/v1/calls', { origin: ORIGIN }],
    [401, '/api/v1/events', { origin: ORIGIN }],
    [404, '/nothing', FROM_PAGE],
    [404, '/api/v1/calls/x', FROM_PAGE],
    [404, '/api/v1/calls/%zz', FROM_PAGE],
    [404, `/api/v1/calls/${'x'.repeat(300)}`, FROM_PAGE],
    [422, '/api/v1/calls?limit=0', FROM_PAGE],
  ])('lets the page read the answer %s of %s', async (status, url, headers) => {
    const { get } = createHttpFixture();
    const response = await get(url, headers);
    expect(response.statusCode).toBe(status);
    expect(response.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect(response.headers.vary).toContain('Origin');
  });

  it('lets the page read a 500 and a 503', async () => {
    const { get, rows } = createHttpFixture();
    rows.failure = new Error('x');
    expect((await get('/api/v1/calls', FROM_PAGE)).headers['access-control-allow-origin']).toBe(ORIGIN);
    rows.failure = Object.assign(new Error('x'), { code: 'unavailable' });
    expect((await get('/api/v1/calls', FROM_PAGE)).headers['access-control-allow-origin']).toBe(ORIGIN);
  });

  it('does not let other pages read anything', async () => {
    const { get } = createHttpFixture();
    const response = await get('/api/v1/calls', { ...AUTHORISED, origin: 'http://localhost:3000.evil.example' });
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
  });
});
