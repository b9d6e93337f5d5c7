import { describe, expect, it } from 'vitest';
import { AUTHORISED, callId, createHttpFixture, liveCall, TOKEN } from '../../fakes/http.ts';

const id = callId(1);

const PROTECTED = [
  ['GET', '/metrics'],
  ['GET', '/api/v1/calls'],
  ['GET', `/api/v1/calls/${id}`],
  ['POST', `/api/v1/calls/${id}/hangup`],
  ['GET', `/api/v1/calls/${id}/timeline`],
  ['GET', `/api/v1/calls/${id}/transcript`],
  ['GET', `/api/v1/calls/${id}/recording`],
  ['GET', '/api/v1/events'],
  ['GET', '/docs'],
  ['GET', '/docs/'],
  ['GET', '/docs/json'],
  ['GET', '/docs/yaml'],
  ['GET', '/docs/static/swagger-ui.css'],
] as const;

const WRONG = [
  ['another token', 'Bearer not-the-token-for-the-tests'],
  ['a token that begins alike', `Bearer ${TOKEN}x`],
  ['no token', 'Bearer'],
  ['another scheme', `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`],
  ['the bare token', TOKEN],
  ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
  ['an unsigned JWT', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ['an empty header', ''],
] as const;

const MISSING = {
  code: 'token_missing',
  message: 'A token is needed: Authorization: Bearer <token>.',
  detail: 'A token is needed: Authorization: Bearer <token>.',
};
const INVALID = {
  code: 'token_invalid',
  message: 'The token is not valid.',
  detail: 'The token is not valid.',
};

describe('the token', () => {
  it.each(PROTECTED)('D8: %s %s without it is 401', async (method, url) => {
    const { app, hungUp, liveCalls, rows } = createHttpFixture();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const response = await app.inject({ method, url });
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.json()).toEqual(MISSING);
    expect({ hungUp, asked: rows.asked }).toEqual({ hungUp: [], asked: [] });
  });

  it.each(PROTECTED)('D8: %s %s with a wrong one is 401', async (method, url) => {
    const { app } = createHttpFixture();
    const response = await app.inject({ method, url, headers: { authorization: 'Bearer wrong' } });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toEqual(INVALID);
  });

  it.each(WRONG)('is refused when the header holds %s', async (_, authorization) => {
    const { get } = createHttpFixture();
    const response = await get('/api/v1/calls', { authorization });
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.json()).toEqual(INVALID);
  });

  it('is accepted whatever the case of the scheme', async () => {
    const { get } = createHttpFixture();
    expect((await get('/api/v1/calls', { authorization: `bearer ${TOKEN}` })).statusCode).toBe(200);
  });

  it('is not taken from the query, but for events and documentation', async () => {
    const { get } = createHttpFixture();
    expect((await get(`/api/v1/calls?access_token=${TOKEN}`, {})).statusCode).toBe(401);
    expect((await get(`/api/v1/calls/${id}/recording?access_token=${TOKEN}`, {})).statusCode).toBe(401);
    expect((await get(`/docs/json?access_token=${TOKEN}`, {})).statusCode).toBe(200);
    expect((await get('/docs/json?access_token=wrong', {})).statusCode).toBe(401);
    expect((await get(`/docs/json?access_token=${TOKEN}&access_token=${TOKEN}`, {})).statusCode).toBe(401);
  });

  it('in a header that is wrong is not saved by a right one in the query', async () => {
    const { get } = createHttpFixture();
    const response = await get(`/docs/json?access_token=${TOKEN}`, { authorization: 'Bearer wrong' });
    expect(response.statusCode).toBe(401);
  });

  it('D8: must be set, or the server is not built', () => {
    expect(() => createHttpFixture({ apiToken: ' ' })).toThrow('needs a token');
  });

  it('is neither logged nor repeated, wherever it was given', async () => {
    const { get, log } = createHttpFixture();
    const responses = [
      await get('/api/v1/calls?limit=0', { ...AUTHORISED }),
      await get(`/api/v1/calls?access_token=${TOKEN}`, {}),
      await get(`/docs/json?access_token=${TOKEN}`, {}),
      await get(`/api/v1/events?callId=x&access_token=${TOKEN}`, {}),
      await get(`/nothing?access_token=${TOKEN}`, AUTHORISED),
      await get(`/api/v1/calls/%zz?access_token=${TOKEN}`, AUTHORISED),
    ];
    expect(responses.map((response) => response.statusCode)).toEqual([422, 401, 200, 422, 404, 404]);
    expect(log.join('')).toContain('/docs/json');
    expect(log.join('')).not.toContain(TOKEN);
    expect(responses.map((response) => response.body).join('')).not.toContain(TOKEN);
  });
});
