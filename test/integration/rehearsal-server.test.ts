import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeAudioInput } from '#gemini/audio-frame.ts';
import { silence16k } from '../fakes/live-listener.ts';
import { startRehearsal, type Rehearsal } from '../fakes/rehearsal-rig.ts';

const SETUP = JSON.stringify({
  setup: { model: 'models/gemini-live', generationConfig: { responseModalities: ['AUDIO'] } },
});
const HISTORY = JSON.stringify({ clientContent: { turns: [{ role: 'model', parts: [{ text: 'Hi' }] }] } });
const AUDIO = encodeAudioInput(silence16k(40));

type GenerateContentBody = { candidates?: { content: { parts: { text: string }[] } }[] };

/** Connects in a thread of its own, closes once the session is open, and tells how it ended. */
const closeInWorker = async (input: object, trustedCertificate?: string) => {
  const source = `
    const { workerData, parentPort } = await import('node:worker_threads');
    const { getCACertificates, setDefaultCACertificates } = await import('node:tls');
    const { module, settings, names, trustedCertificate } = workerData;
    if (trustedCertificate) setDefaultCACertificates([...getCACertificates('default'), trustedCertificate]);
    const { openLiveConnection } = await import(module);
    const events = Object.fromEntries(names.map((name) => [name, () => {}]));
    const connection = openLiveConnection(settings, {
      ...events,
      onOpen: () => connection.close(1000),
      onClose: (close) => parentPort.postMessage(close),
    });
  `;
  const module = new URL('../../src/gemini/live-connection.ts', import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: { ...input, module, trustedCertificate },
  });
  // Both are waited for from the start: the end may follow the message at once.
  const [[close], [exitCode]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return { close: close as unknown, exitCode: exitCode as unknown };
};

describe('the rehearsal server on the wire', () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await startRehearsal();
  });
  afterEach(async () => {
    await rehearsal.allClosed();
    await rehearsal.request('DELETE', '/control');
  });
  afterAll(() => rehearsal.server.stop());

  const dial = (path: string): WebSocket => new WebSocket(`${rehearsal.baseUrl.replace('http', 'ws')}${path}`);
  /** Sends the messages one after the other and gives the code with which the server closes. */
  const codeAfter = async (...messages: string[]): Promise<number> => {
    const socket = dial('/ws/x.v1beta.BidiGenerateContent?key=k');
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  };

  it.each([
    '/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent?key=k',
    '//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k',
    '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained?access_token=k',
  ])('is reached at %s', async (path) => {
    const socket = dial(path);
    await once(socket, 'open');
    socket.send(SETUP);
    const [message] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    await once(socket, 'close');

    expect(JSON.parse(message.toString())).toEqual({ setupComplete: {} });
  });

  it('is not reached at another path', async () => {
    const socket = dial('/ws/other?key=k');
    const [error] = (await once(socket, 'error')) as [Error];

    expect(error.message).toBe('Unexpected server response: 404');
  });

  it('closes with 1008 without a key', async () => {
    const socket = dial('/ws/x.v1.BidiGenerateContent');
    const [code] = (await once(socket, 'close')) as [number];

    expect(code).toBe(1008);
  });

  it('G5: is as strict as the real one', async () => {
    expect(await codeAfter(AUDIO)).toBe(1007);
    expect(await codeAfter('{"setup":')).toBe(1007);
    expect(await codeAfter(SETUP, SETUP)).toBe(1007);
    expect(await codeAfter(SETUP, HISTORY, AUDIO, HISTORY)).toBe(1007);
    expect(await codeAfter(SETUP, AUDIO.replace('audio/pcm;rate=16000', 'audio/wav'))).toBe(1007);
    expect(await codeAfter(SETUP.replace('gemini-live', 'unknown'))).toBe(1008);
    expect(await codeAfter(SETUP.replace('"model"', '"modell"'))).toBe(1007);
  });

  it('takes history of newer models only when it was announced, and nothing else before its end', async () => {
    const newer = SETUP.replace('gemini-live', 'gemini-3.1-flash-live');
    const announced = newer.replace('"model"', '"historyConfig":{"initialHistoryInClientContent":true},"model"');
    const end = HISTORY.replace('"turns"', '"turnComplete":true,"turns"');
    expect(await codeAfter(newer, HISTORY)).toBe(1007);
    expect(await codeAfter(announced, HISTORY, AUDIO)).toBe(1007);
    expect(await codeAfter(announced, HISTORY, end, AUDIO, HISTORY)).toBe(1007);
    const [session] = await rehearsal.sessions();
    expect(session).toMatchObject({ history: [{ text: 'Hi' }, { text: 'Hi' }], audioFramesReceived: 1 });
  });

  it('survives a request that is no URL, and a reason too long for a close frame', async () => {
    const socket = connect(rehearsal.port, '127.0.0.1');
    socket.write('GET //[ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    const { nth } = rehearsal.connect({ systemInstruction: `[[rehearsal:${'дълго'.repeat(40)}]]` });

    expect(answer.toString()).toMatch(/^HTTP\/1.1 404 /);
    expect((await nth('close')).reason).toMatch(/^Unknown directive дълго.*[а-я]$/);
  });

  it('refuses a directive that it does not know, so that a test cannot wait for nothing', async () => {
    const response = await fetch(`${rehearsal.baseUrl}/control/directives`, {
      method: 'POST',
      body: JSON.stringify({ directives: { loud: true } }),
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: 'badDirective', message: 'Unknown directive loud.' });
  });

  it('refuses orders that make no sense', async () => {
    const post = async (path: string, body: string) =>
      (await fetch(`${rehearsal.baseUrl}${path}`, { method: 'POST', body })).status;

    expect(await post('/control/faults', '{"scope":"all","fault":{"kind":"nonsense"}}')).toBe(400);
    expect(await post('/control/faults', '{"scope":"some","fault":{"kind":"stall"}}')).toBe(400);
    expect(await post('/control/faults', '{"scope":"session","session":"x","fault":{"kind":"stall"}}')).toBe(404);
    expect(await post('/control/faults', 'no json')).toBe(400);
    expect(await post('/control/sessions/x/actions', '{}')).toBe(404);
    expect(await post('/control/nowhere', '{}')).toBe(404);
  });

  it('gives a fault to the session whose instruction matches, and to no other', async () => {
    await rehearsal.inject({ kind: 'close', code: 1011, at: 'setup' }, { match: '+359 2 111' });
    const spared = rehearsal.connect({ systemInstruction: 'The caller is +359 2 222.' });
    await spared.nth('open');
    const hit = rehearsal.connect({ systemInstruction: 'The caller is +359 2 111.' });
    const close = await hit.nth('close');
    spared.connection.close(1000);
    await spared.nth('close');

    expect(close).toMatchObject({ by: 'closed', code: 1011 });
  });

  it('gives a live session a fault at once', async () => {
    const { nth } = rehearsal.connect();
    await nth('open');
    const { id } = await rehearsal.sessionWhere((session) => session.state === 'live');
    await rehearsal.inject({ kind: 'close', code: 1011 }, { scope: 'session', session: id });

    expect(await nth('close')).toMatchObject({ by: 'closed', code: 1011 });
  });

  it('answers generateContent with text, or with JSON that fits the schema', async () => {
    const ask = async (generationConfig: unknown, key = 'k') => {
      const response = await fetch(`${rehearsal.baseUrl}/v1beta/models/gemini-2.5-flash:generateContent`, {
        method: 'POST',
        headers: { 'x-goog-api-key': key },
        body: JSON.stringify({ contents: [], generationConfig }),
      });
      const body = (await response.json()) as GenerateContentBody;
      return { status: response.status, text: body.candidates?.[0]?.content.parts[0]?.text ?? '' };
    };
    const schema = {
      type: 'OBJECT',
      properties: { summary: { type: 'STRING' }, mood: { enum: ['good', 'bad'] }, topics: { type: 'array' } },
    };
    const plain = await ask({});
    const structured = await ask({ responseSchema: schema });

    expect(plain.text).toContain('Rehearsal summary');
    expect(JSON.parse(structured.text)).toEqual({
      summary: expect.stringContaining('Rehearsal summary') as string,
      mood: 'good',
      topics: [],
    });
    expect((await ask({}, '')).status).toBe(403);
    expect((await ask({}, 'invalid-key')).status).toBe(400);
  });

  it('is spoken to from a worker thread', async () => {
    expect(await closeInWorker(rehearsal.workerInput())).toEqual({
      close: { by: 'local', code: 1000, reason: '', wasClean: true },
      exitCode: 0,
    });
  });
});

describe('the rehearsal server with a certificate', () => {
  const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/tls', name), 'utf8');

  it('speaks wss to who trusts it, and is refused by who does not', async () => {
    const cert = fixture('localhost.crt');
    const rehearsal = await startRehearsal({ tls: { cert, key: fixture('localhost.key') } });
    const refusal = await rehearsal.connect().nth('close');
    const { close } = await closeInWorker(rehearsal.workerInput(), cert);
    await rehearsal.server.stop();

    expect(refusal).toMatchObject({ by: 'connectFailed' });
    expect(refusal.reason).toContain('Check GEMINI_BASE_URL and the trusted certificates.');
    expect(close).toMatchObject({ by: 'local', code: 1000, wasClean: true });
  });
});

describe('the rehearsal program', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  });

  const run = (port: number): ChildProcess => {
    const program = join(import.meta.dirname, '../../src/gemini/rehearsal/main.ts');
    const env = { REHEARSAL_HOST: '127.0.0.1', REHEARSAL_PORT: String(port) };
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const firstLine = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
    if (!stream) throw new Error('The stream is not piped.');
    const [line] = (await once(createInterface({ input: stream }), 'line')) as [string];
    return line;
  };

  it('says where it listens, says so when it cannot, and ends with 0 on SIGTERM', async () => {
    const first = run(0);
    const ready = JSON.parse(await firstLine(first.stdout)) as { port: number };
    const second = run(ready.port);
    const [complaint, [refused]] = await Promise.all([firstLine(second.stderr), once(second, 'exit')]);
    first.kill('SIGTERM');
    const [ended] = await once(first, 'exit');

    expect(ready).toEqual({ ready: true, host: '127.0.0.1', port: ready.port });
    expect(complaint).toBe(`The rehearsal server cannot start: another program listens on 127.0.0.1:${ready.port}.`);
    expect([refused, ended]).toEqual([1, 0]);
  });
});
