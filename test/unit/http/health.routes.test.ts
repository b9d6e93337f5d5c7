import { expect, it, vi } from 'vitest';
import { createHttpFixture, HEALTHY } from '../../fakes/http.ts';

it('tells status and time alone without the token', async () => {
  const { get } = createHttpFixture();
  const response = await get('/health', {});
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({ status: 'healthy', timestamp: '2026-11-20T12:00:00.000Z' });
});

it('tells status and time alone with a wrong token: a prober never gets 401', async () => {
  const { get } = createHttpFixture();
  const response = await get('/health', { authorization: 'Bearer wrong' });
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({ status: 'healthy', timestamp: '2026-11-20T12:00:00.000Z' });
});

it('tells every part with the token', async () => {
  const { get } = createHttpFixture();
  expect((await get('/api/v1/health')).json()).toEqual({ ...HEALTHY, uptimeSeconds: 12 });
});

it('D12: stays 200 and says so when the journal is out; is not ready then', async () => {
  const parts = { journal: { status: 'down' as const, detail: 'the database does not answer' } };
  const { get } = createHttpFixture({ health: () => ({ ...HEALTHY, status: 'degraded', ready: false, parts }) });
  const health = await get('/api/v1/health');
  expect(health.statusCode).toBe(200);
  expect(health.json()).toMatchObject({ status: 'degraded', parts });
  expect((await get('/health')).json()).toMatchObject({ status: 'degraded' });
  const ready = await get('/ready', {});
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toEqual({ ready: false });
});

it('is ready when the report says so', async () => {
  const { get } = createHttpFixture({ health: async () => HEALTHY });
  const response = await get('/ready', {});
  expect([response.statusCode, response.json()]).toEqual([200, { ready: true }]);
});

it('stays 200 when the report itself fails, and keeps the reason to the log', async () => {
  const health = () => {
    throw new Error('secret place');
  };
  const { get, log } = createHttpFixture({ health });
  const response = await get('/api/v1/health');
  expect([response.statusCode, response.json().status]).toEqual([200, 'degraded']);
  expect(response.body).not.toContain('secret place');
  expect(log.join('')).toContain('secret place');
  expect((await get('/ready', {})).statusCode).toBe(503);
});

it('gives Prometheus its text', async () => {
  const { get } = createHttpFixture();
  const response = await get('/metrics');
  expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.body).toBe('up 1\n');
});

it.each(['/health', '/api/v1/health', '/ready', '/metrics', '/api/v1/calls'])(
  'answers HEAD %s without a body',
  async (url) => {
    const { app } = createHttpFixture();
    const response = await app.inject({
      method: 'HEAD',
      url,
      headers: { authorization: 'Bearer a-token-for-the-tests' },
    });
    expect([response.statusCode, response.body]).toEqual([200, '']);
  },
);

it('stays 200 when a part never tells its health', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const health = vi.fn<() => Promise<typeof HEALTHY>>(() => new Promise(() => {}));
    const { app, get } = createHttpFixture({ health });
    await app.ready();
    const answer = get('/health', {});
    while (health.mock.calls.length === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(2_000);
    const response = await answer;
    expect([response.statusCode, response.json()]).toEqual([
      200,
      { status: 'degraded', timestamp: '2026-11-20T12:00:00.000Z' },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
