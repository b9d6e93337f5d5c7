import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpDeps } from '#http/app.ts';
import { AUTHORISED, callId, createHttpFixture, liveCall, TOKEN } from '../fakes/http.ts';

type Fixture = ReturnType<typeof createHttpFixture>;
const opened: Fixture[] = [];

const listen = async (events: HttpDeps['events'] = {}) => {
  const fixture = createHttpFixture({ events: { heartbeatMs: 60_000, ...events } });
  opened.push(fixture);
  await fixture.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fixture.app.server.address() as AddressInfo;
  const connections = () =>
    new Promise<number>((resolve) => fixture.app.server.getConnections((_, count) => resolve(count)));
  return { ...fixture, port, url: `http://127.0.0.1:${port}`, connections };
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ app }) => app.close()));
});

/** Reads a stream until its text holds `part`. */
const createReader = (response: Response) => {
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    until: async (part: string): Promise<string> => {
      while (!text.includes(part)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended after: ${text}`);
        text += value;
      }
      const seen = text;
      text = text.slice(text.indexOf(part));
      return seen;
    },
    untilEnd: async (): Promise<string> => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
      return text;
    },
    cancel: () => reader.cancel(),
  };
};

describe('the event stream over a socket', () => {
  it('takes the token in the address, tells what is, then what happens', async () => {
    const { url, liveCalls } = await listen();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const response = await fetch(`${url}/api/v1/events?access_token=${TOKEN}`, {
      headers: { origin: 'http://localhost:3000' },
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': 'http://localhost:3000',
    });
    const reader = createReader(response);
    expect(await reader.until('event: snapshot')).toMatch(/^retry: 3000\n\n/);
    await reader.until(callId(1));
    liveCalls.send({ type: 'call.changed', callId: callId(1), change: { state: 'closing', turn: null } });
    await reader.until('"state":"closing"');
    liveCalls.send({ type: 'call.gone', callId: callId(1), status: 'answered', cause: 'callerHungUp', leaked: [] });
    await reader.until('event: call.ended');
    await reader.cancel();
  });

  it('is kept alive by comments', async () => {
    const { url } = await listen({ heartbeatMs: 5 });
    const reader = createReader(await fetch(`${url}/api/v1/events`, { headers: AUTHORISED }));
    await reader.until(': keep-alive\n\n: keep-alive\n\n');
    await reader.cancel();
  });

  it('gives a reader that reconnects what it missed', async () => {
    const { url, liveCalls } = await listen();
    const first = createReader(await fetch(`${url}/api/v1/events`, { headers: AUTHORISED }));
    const seen = await first.until('event: snapshot');
    await first.cancel();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const lastEventId = /id: (\S+)/.exec(seen)?.[1] ?? '';
    const headers = { ...AUTHORISED, 'last-event-id': lastEventId };
    const second = createReader(await fetch(`${url}/api/v1/events`, { headers }));
    const text = await second.until('event: snapshot');
    expect(text.indexOf('event: call.state')).toBeGreaterThan(0);
    expect(text.indexOf('event: call.state')).toBeLessThan(text.indexOf('event: snapshot'));
    await second.cancel();
  });

  it('frees everything when the reader goes away', async () => {
    const { url } = await listen({ maxStreams: 1 });
    const first = createReader(await fetch(`${url}/api/v1/events`, { headers: AUTHORISED }));
    await first.until('event: snapshot');
    expect((await fetch(`${url}/api/v1/events`, { headers: AUTHORISED })).status).toBe(503);
    await first.cancel();
    await vi.waitUntil(async () => {
      const again = await fetch(`${url}/api/v1/events`, { headers: AUTHORISED });
      await again.body?.cancel();
      return again.status === 200;
    });
  });

  it('cuts a reader that does not read, and the others go on', async () => {
    const { url, port, liveCalls, connections } = await listen({ maxBufferedBytes: 100_000 });
    const stalled = connect(port, '127.0.0.1');
    await once(stalled, 'connect');
    stalled.pause();
    stalled.on('error', () => {});
    stalled.write(`GET /api/v1/events?access_token=${TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const reader = createReader(await fetch(`${url}/api/v1/events`, { headers: AUTHORISED }));
    await vi.waitUntil(async () => (await connections()) === 2);

    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    let told = 0;
    await vi.waitUntil(
      async () => {
        told += 1;
        const callerNumber = `${'1'.repeat(40_000)}-${told}-`;
        liveCalls.send({ type: 'call.changed', callId: callId(1), change: { callerNumber } });
        await reader.until(`-${told}-`);
        return (await connections()) === 1;
      },
      { timeout: 20_000, interval: 1 },
    );
    liveCalls.send({ type: 'call.gone', callId: callId(1), status: 'answered', cause: null, leaked: [] });
    await reader.until('event: call.ended');
    stalled.destroy();
    await reader.cancel();
  });

  it('ends when the server closes, and does not hold the close up', async () => {
    const { url, app } = await listen();
    const reader = createReader(await fetch(`${url}/api/v1/events`, { headers: AUTHORISED }));
    await reader.until('event: snapshot');
    const [text] = await Promise.all([reader.untilEnd(), app.close()]);
    expect(text).toContain('event: snapshot');
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  });

  it('keeps the token out of the log', async () => {
    const { url, log } = await listen();
    const reader = createReader(await fetch(`${url}/api/v1/events?access_token=${TOKEN}`));
    await reader.until('event: snapshot');
    await reader.cancel();
    await vi.waitUntil(() => log.join('').includes('/api/v1/events'));
    expect(log.join('')).not.toContain(TOKEN);
  });
});
