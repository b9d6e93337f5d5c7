import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createGreetingStudio } from '#app/greeting-studio.ts';
import { loadConfig } from '#config.ts';
import { CALL_CONFIG_DEFAULTS } from '#domain/call-config.ts';
import { decodeWave } from '#domain/wave.ts';
import { createHttpSms, type HttpSmsOptions } from '#sms/http-provider.ts';
import { createFileSms } from '#sms/file-provider.ts';
import { startRehearsal } from '../../fakes/rehearsal-rig.ts';
import { createRecordingLog, silentLog } from '../../fakes/silent-log.ts';

const MESSAGE = { to: '+359888123456', text: 'Цена: "10 & 20" {slot}\n👍', gateSlot: 9 };

type Received = { method: string | undefined; url: string | undefined; type: string | undefined; body: string };

describe('an SMS gateway over HTTP', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  const read = async (request: IncomingMessage): Promise<Received> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method, url, headers } = request;
    return { method, url, type: headers['content-type'], body: Buffer.concat(chunks).toString() };
  };
  /** Status 0: never answers. */
  const startGateway = async (status: number, options: { key: Buffer; cert: Buffer } | null = null) => {
    const received: Received[] = [];
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      received.push(await read(request));
      if (status === 0) return;
      response.writeHead(status, { location: 'http://127.0.0.1:1/' });
      response.end('secret words of the gateway');
    };
    const handle = (request: IncomingMessage, response: ServerResponse) => void answer(request, response);
    const server = options ? createSecureServer(options, handle) : createServer(handle);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { received, url: `${options ? 'https' : 'http'}://127.0.0.1:${port}` };
  };
  const providerOf = (url: string, change: Partial<HttpSmsOptions> = {}) =>
    createHttpSms({
      url,
      method: 'POST',
      headers: {},
      body: '{"to":"{to}","text":"{text}","slot":{slot}}',
      timeoutMs: 5_000,
      log: silentLog,
      ...change,
    });

  it('is sent JSON that no message can break out of', async () => {
    const { url, received } = await startGateway(200);
    await providerOf(`${url}/send`).send(MESSAGE);

    expect(received.map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body) as unknown }))).toEqual([
      {
        method: 'POST',
        url: '/send',
        type: 'application/json; charset=utf-8',
        body: { to: MESSAGE.to, text: MESSAGE.text, slot: 9 },
      },
    ]);
  });

  it('is sent a form, or a query, with everything encoded', async () => {
    const { url, received } = await startGateway(200);
    const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'to={to}&text={text}' };
    await providerOf(url, form).send(MESSAGE);
    await providerOf(`${url}/?n={to}&t={text}&s={slot}`, { method: 'GET' }).send(MESSAGE);

    expect(Object.fromEntries(new URLSearchParams(received[0]?.body))).toEqual({ to: MESSAGE.to, text: MESSAGE.text });
    const query = new URL(`http://x${received[1]?.url ?? ''}`).searchParams;
    expect(Object.fromEntries(query)).toEqual({ n: MESSAGE.to, t: MESSAGE.text, s: '9' });
  });

  it.each([
    ['401 of its own', 401, 'refused'],
    ['500', 500, 'refused'],
    ['redirection', 302, 'unreachable'],
    ['silence', 0, 'timeout'],
  ])('that answers with %s is a failure and shows no secret', async (_, status, code) => {
    const { url } = await startGateway(status);
    const { log, lines } = createRecordingLog();
    const sending = providerOf(`${url}/?key=secret-key`, { timeoutMs: 300, log }).send(MESSAGE);

    const error = await sending.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'SmsError', code });
    expect(JSON.stringify([String(error), lines])).not.toMatch(/secret/);
  });

  it('is not believed when its certificate is not trusted', async () => {
    const tls = new URL('../../fixtures/tls/', import.meta.url);
    const [key, cert] = await Promise.all([
      readFile(new URL('localhost.key', tls)),
      readFile(new URL('localhost.crt', tls)),
    ]);
    const { url, received } = await startGateway(200, { key, cert });

    await expect(providerOf(url).send(MESSAGE)).rejects.toMatchObject({ code: 'unreachable' });
    expect(received).toEqual([]);
  });

  it('may be a file in development', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-sms-'));
    const path = join(folder, 'sms', 'sent.jsonl');
    await createFileSms({ path, now: () => 0 }).send(MESSAGE);

    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ at: '1970-01-01T00:00:00.000Z', ...MESSAGE });
    await rm(folder, { recursive: true });
  });
});

describe('greetings', () => {
  it('are spoken by the model and kept as sound, with the words that were said', async () => {
    const rehearsal = await startRehearsal();
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-greeting-'));
    const config = loadConfig({ GEMINI_BASE_URL: rehearsal.baseUrl, DATA_DIR: folder }, { envFile: '/nonexistent' });
    const studio = createGreetingStudio({ config, now: Date.now });

    const order = { callConfig: CALL_CONFIG_DEFAULTS, language: 'bg-BG', userId: 5 };
    const { file, transcript } = await studio.make(order);

    expect(file).toMatch(/^greetings\/greeting_bg_\d{8}_\d{6}_\d{3}_5\.wav$/);
    expect(transcript).toMatch(/^\p{Script=Cyrillic}/u);
    const wave = decodeWave(await readFile(join(folder, file)));
    expect(wave.sampleRateHz).toBe(24_000);
    expect(wave.pcm.length).toBeGreaterThan(24_000);
    await rehearsal.server.stop();
    await expect(studio.make(order)).rejects.toMatchObject({ code: 'unavailable' });
    await rm(folder, { recursive: true });
  });
});
