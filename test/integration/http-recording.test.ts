import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AUTHORISED, callId, callRecord, createHttpFixture } from '../fakes/http.ts';

const AUDIO = randomBytes(12 * 1024 * 1024);
const PATH = `/api/v1/calls/${callId(1)}/recording`;
let sessionsDirectory = '';

beforeAll(async () => {
  sessionsDirectory = await mkdtemp(join(tmpdir(), 'trunkline-http-'));
  await mkdir(join(sessionsDirectory, callId(1)));
  await writeFile(join(sessionsDirectory, callId(1), 'recording.wav'), AUDIO);
});

afterAll(() => rm(sessionsDirectory, { recursive: true, force: true }));

const listen = async () => {
  const fixture = createHttpFixture({ sessionsDirectory });
  fixture.rows.calls.push(callRecord(1));
  fixture.rows.recordings.set(callId(1), {
    callId: callId(1),
    state: 'published',
    startedAt: null,
    durationMs: null,
    files: { stereo: { fileName: 'recording.wav', bytes: AUDIO.length, sha256: null } },
    failure: null,
  });
  await fixture.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fixture.app.server.address() as AddressInfo;
  return { ...fixture, port, url: `http://127.0.0.1:${port}${PATH}`, [Symbol.asyncDispose]: () => fixture.app.close() };
};

/** Files under the sessions folder that this process holds open; none where `/proc` is not there to tell. */
const openFiles = async (): Promise<string[]> => {
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(sessionsDirectory));
};

/** Sends the path as it is, which `fetch` would tidy up. */
const getRaw = (port: number, path: string, headers: Record<string, string> = AUTHORISED) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, resolve).on('error', reject).end();
  });

describe('a recording over a socket', () => {
  it('is put together by a player that asks for parts at the same time', async () => {
    await using server = await listen();
    const third = Math.ceil(AUDIO.length / 3);
    const parts = await Promise.all(
      [0, 1, 2].map(async (n) => {
        const range = `bytes=${n * third}-${(n + 1) * third - 1}`;
        const response = await fetch(server.url, { headers: { ...AUTHORISED, range } });
        expect(response.status).toBe(206);
        return Buffer.from(await response.arrayBuffer());
      }),
    );
    expect(Buffer.concat(parts).equals(AUDIO)).toBe(true);
    await vi.waitUntil(async () => (await openFiles()).length === 0);
  });

  it('is closed when the player goes away in the middle', async () => {
    await using server = await listen();
    const response = await getRaw(server.port, PATH);
    await new Promise((resolve) => response.once('data', resolve));
    response.destroy();
    await vi.waitUntil(async () => (await openFiles()).length === 0);
    expect((await fetch(server.url, { method: 'HEAD', headers: AUTHORISED })).headers.get('content-length')).toBe(
      String(AUDIO.length),
    );
  });

  it('is closed after HEAD and after a range outside it', async () => {
    await using server = await listen();
    const head = await fetch(server.url, { method: 'HEAD', headers: AUTHORISED });
    const outside = await fetch(server.url, { headers: { ...AUTHORISED, range: `bytes=${AUDIO.length}-` } });
    expect([head.status, outside.status, outside.headers.get('content-range')]).toEqual([
      200,
      416,
      `bytes */${AUDIO.length}`,
    ]);
    await vi.waitUntil(async () => (await openFiles()).length === 0);
  });

  it('does not hold the close of the server up when its reader stalls', async () => {
    const server = await listen();
    const response = await getRaw(server.port, PATH);
    response.on('error', () => {});
    response.pause();
    await server.app.close();
    await vi.waitUntil(async () => (await openFiles()).length === 0);
  });

  it.each([
    `/api/v1/calls/../../../etc/passwd/recording`,
    `/api/v1/calls/..%2f..%2fetc%2fpasswd/recording`,
    `/api/v1/calls/%2e%2e/recording`,
    `/api/v1/calls/${callId(1)}%2f../recording`,
    `/api/v1/calls/${callId(1)}/../../recording.wav`,
    `/api/v1/calls/${callId(1)}\\..\\recording`,
    `//api/v1/calls`,
  ])('D8: is not reached by %s', async (path) => {
    await using server = await listen();
    const response = await getRaw(server.port, path);
    response.resume();
    expect(response.statusCode).toBe(404);
    expect(server.rows.asked).toEqual([]);
  });
});
