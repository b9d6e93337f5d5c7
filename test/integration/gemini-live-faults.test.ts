import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openLiveConnection } from '#gemini/live-connection.ts';
import { liveSettings, recordLiveEvents, silence16k } from '../fakes/live-listener.ts';
import { startRehearsal, type Rehearsal } from '../fakes/rehearsal-rig.ts';

describe('a Live connection under faults', () => {
  const strayRejections: unknown[] = [];
  const collect = (reason: unknown) => strayRejections.push(reason);
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await startRehearsal();
    process.on('unhandledRejection', collect);
  });
  afterEach(async () => {
    await rehearsal.allClosed();
    await rehearsal.request('DELETE', '/control');
    if (strayRejections.length > 0) throw new Error(`Unhandled: ${String(strayRejections)}`);
  });
  afterAll(async () => {
    process.off('unhandledRejection', collect);
    await rehearsal.server.stop();
  });

  const isOver = (session: { state: string }) => session.state === 'closed';

  it('G12: says that nothing listens at the address, and what to check', async () => {
    const listener = recordLiveEvents();
    openLiveConnection(liveSettings('http://127.0.0.1:9'), listener.events);
    const close = await listener.nth('close');

    expect(close).toMatchObject({ by: 'connectFailed', code: 1006, wasClean: false });
    expect(close.reason).toBe('connect ECONNREFUSED 127.0.0.1:9. Check GEMINI_BASE_URL and the network.');
  });

  it('G12: says that a key is missing or refused, and never which', async () => {
    const missing = rehearsal.connect({ apiKey: '' });
    const refused = rehearsal.connect({ apiKey: 'invalid-key' });

    expect((await missing.nth('close')).reason).toBe('No API key is set. Check GEMINI_API_KEY.');
    expect(await refused.nth('close')).toMatchObject({
      by: 'closed',
      code: 1007,
      reason: 'API key not valid. Please pass a valid API key. Check GEMINI_API_KEY.',
    });
  });

  it('keeps the key out of a reason that the server made of it', async () => {
    await rehearsal.inject({ kind: 'close', at: 'setup', code: 1008, reason: 'No access for s3cret/key.' });
    const { nth } = rehearsal.connect({ apiKey: 's3cret/key' });

    expect((await nth('close')).reason).toBe('No access for ***.');
  });

  it('G12: says that the model is unknown', async () => {
    const { nth } = rehearsal.connect({ model: 'nothing-like-it' });
    const close = await nth('close');

    expect(close).toMatchObject({ by: 'closed', code: 1008 });
    expect(close.reason).toContain('Check GEMINI_MODEL');
  });

  it.each([403, 429, 503])('reports an upgrade refused with HTTP %i', async (status) => {
    await rehearsal.inject({ kind: 'refuse', status });
    const { nth } = rehearsal.connect();
    const close = await nth('close');

    expect(close).toMatchObject({ by: 'connectFailed', code: 1006, wasClean: false });
    expect(close.reason).toContain(`Unexpected server response: ${status}`);
  });

  it('reports a connection that is cut in the upgrade', async () => {
    await rehearsal.inject({ kind: 'refuse', status: 0 });
    const { nth } = rehearsal.connect();

    expect(await nth('close')).toMatchObject({ by: 'connectFailed', code: 1006, reason: 'socket hang up' });
  });

  it('gives up a set-up that is not answered in time', async () => {
    await rehearsal.inject({ kind: 'hangSetup' });
    const { nth, heard } = rehearsal.connect({ connectTimeoutMs: 200 });
    const close = await nth('close');
    const session = await rehearsal.sessionWhere(isOver);

    expect(close).toEqual({
      type: 'close',
      by: 'connectTimeout',
      code: 1006,
      reason: 'The session was not set up within 200 ms.',
      wasClean: false,
    });
    expect(heard).toEqual([close]);
    expect(session.closedByHandshake).toBe(false);
  });

  it('gives up a server that accepts the connection and never speaks', async () => {
    const silent: Server = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const gone = new Promise((resolve) =>
      silent.once('connection', (socket) => socket.resume().once('close', resolve)),
    );
    const listener = recordLiveEvents();
    openLiveConnection(liveSettings(`http://127.0.0.1:${port}`, { connectTimeoutMs: 200 }), listener.events);
    const { by } = await listener.nth('close');
    await gone;
    await new Promise((resolve) => silent.close(resolve));

    expect(['connectTimeout', 'connectFailed']).toContain(by);
  });

  it('waits for a set-up that is late but in time', async () => {
    await rehearsal.inject({ kind: 'delaySetup', ms: 300 });
    const { connection, nth } = rehearsal.connect();
    await nth('open');
    connection.close(1000);

    expect(await nth('close')).toMatchObject({ by: 'local', code: 1000 });
  });

  describe.each(['setup', 'live'])('G2: closed by the server, in state %s,', (at) => {
    it.each([1000, 1007, 1008, 1011])('with code %i', async (code) => {
      await rehearsal.inject({ kind: 'close', at, code, reason: 'So it is.' });
      const { nth, all } = rehearsal.connect();

      expect(await nth('close')).toEqual({ type: 'close', by: 'closed', code, reason: 'So it is.', wasClean: true });
      expect(all('open')).toHaveLength(at === 'live' ? 1 : 0);
    });

    it('without a close frame', async () => {
      await rehearsal.inject({ kind: 'close', at, code: 1006 });
      const { nth } = rehearsal.connect();

      expect(await nth('close')).toMatchObject({ by: 'closed', code: 1006, wasClean: false });
    });

    it('after broken JSON, which closes this connection and no more', async () => {
      await rehearsal.inject({ kind: 'brokenJson', at });
      const { nth, heard } = rehearsal.connect();
      const close = await nth('close');
      const session = await rehearsal.sessionWhere(isOver);

      expect(close).toEqual({
        type: 'close',
        by: 'protocolError',
        code: 1007,
        reason: 'The server sent broken JSON.',
        wasClean: true,
      });
      expect(heard.at(-1)).toBe(close);
      expect(session).toMatchObject({ closeCode: 1007, closedByHandshake: true });
    });
  });

  it('takes 10 s of audio in one burst', async () => {
    await rehearsal.inject({ kind: 'burst', ms: 10_000 });
    const { connection, nth, all } = rehearsal.connect();
    await nth('generationComplete');
    connection.close(1000);
    await nth('close');

    expect(all('audio').reduce((sum, { samples }) => sum + samples, 0)).toBe(240_000);
  });

  it('G1: tells how much time goAway leaves, and then the close', async () => {
    await rehearsal.inject({ kind: 'goAway', timeLeftMs: 50 });
    const { nth } = rehearsal.connect();

    expect(await nth('goAway')).toEqual({ type: 'goAway', timeLeftMs: 50 });
    expect(await nth('close')).toMatchObject({ by: 'closed', code: 1011 });
  });

  it('G3: reports nothing while a server stalls, and closes in order all the same', async () => {
    await rehearsal.inject({ kind: 'stall' });
    const { connection, nth, all } = rehearsal.connect();
    await nth('open');
    connection.sendText('Greet the caller.');
    await rehearsal.sessionWhere((session) => session.textsReceived === 1);
    connection.close(1000);

    expect(await nth('close')).toMatchObject({ by: 'local', code: 1000, wasClean: true });
    expect(all('audio')).toEqual([]);
  });

  it('hears a turn that never completes', async () => {
    await rehearsal.inject({ kind: 'neverTurnComplete' });
    const { connection, nth, all } = rehearsal.connect({ systemInstruction: '[[rehearsal:silent]]' });
    await nth('open');
    connection.sendText('Begin.');
    await nth('resumption', 2);
    connection.close(1000);
    await nth('close');

    expect([all('generationComplete').length, all('turnComplete').length]).toEqual([1, 0]);
  });

  it('S4: terminates a server that does not answer the close handshake in time', async () => {
    await rehearsal.inject({ kind: 'deaf', forMs: 500 });
    const { connection, nth, all } = rehearsal.connect();
    await nth('open');
    connection.close(100);

    expect(await nth('close')).toMatchObject({ by: 'local', code: 1006, wasClean: false });
    expect(all('close')).toHaveLength(1);
  });

  it('S4: shows what a server that does not read leaves unsent', async () => {
    await rehearsal.inject({ kind: 'deaf', forMs: 500 });
    const { connection, nth } = rehearsal.connect();
    await nth('open');
    for (let sent = 0; connection.bufferedBytes === 0 && sent < 1000; sent++) connection.sendAudio(silence16k(1000));
    const buffered = connection.bufferedBytes;
    connection.terminate();
    await nth('close');

    expect(buffered).toBeGreaterThan(0);
    expect(connection.bufferedBytes).toBe(0);
  });

  it('S4: ignores everything sent after the close', async () => {
    const { connection, nth, all } = rehearsal.connect();
    await nth('open');
    connection.close(1000);
    connection.close(1000);
    connection.sendAudio(silence16k(40));
    await nth('close');
    connection.sendAudio(silence16k(40));
    connection.sendText('late');
    connection.sendToolResponses([{ id: 'a', name: 'b', response: {} }]);
    connection.close(1000);
    connection.terminate();
    const session = await rehearsal.sessionWhere(isOver);

    expect(session).toMatchObject({ audioFramesReceived: 0, textsReceived: 0, closedByHandshake: true });
    expect(all('close')).toHaveLength(1);
  });

  it('S2: leaves nothing behind when it is closed or terminated while connecting', async () => {
    const closed = rehearsal.connect();
    closed.connection.close(1000);
    const terminated = rehearsal.connect();
    terminated.connection.terminate();

    expect(await closed.nth('close')).toMatchObject({ by: 'local' });
    expect(await terminated.nth('close')).toMatchObject({ by: 'local', code: 1006 });
    expect(closed.all('open')).toEqual([]);
  });

  it('ends only its own connection when a listener throws', async () => {
    const other = rehearsal.connect();
    await other.nth('open');
    const listener = recordLiveEvents();
    const onUsage = () => {
      throw new Error('bad listener');
    };
    const connection = openLiveConnection(
      liveSettings(rehearsal.baseUrl, { systemInstruction: '[[rehearsal:silent]]' }),
      { ...listener.events, onUsage },
    );
    await listener.nth('open');
    connection.sendText('Begin.');

    expect(await listener.nth('close')).toMatchObject({
      by: 'protocolError',
      code: 1011,
      reason: 'A listener failed: bad listener',
    });
    other.connection.close(1000);
    expect(await other.nth('close')).toMatchObject({ by: 'local', code: 1000 });
  });

  it('G11: does not take a server without pongs for dead', async () => {
    await rehearsal.inject({ kind: 'noPong' });
    const { connection, nth } = rehearsal.connect({ systemInstruction: '[[rehearsal:silent]]' });
    await nth('open');
    connection.sendText('Begin.');
    await nth('turnComplete');
    connection.close(1000);

    expect(await nth('close')).toMatchObject({ by: 'local', code: 1000 });
  });
});
