import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingRecord } from '#domain/records.ts';
import { AUTHORISED, callId, callRecord, createHttpFixture, liveCall } from '../../fakes/http.ts';

const AUDIO = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 256));
let sessionsDirectory = '';

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'trunkline-http-'));
  sessionsDirectory = join(root, 'sessions');
  await mkdir(join(sessionsDirectory, callId(1)), { recursive: true });
  await writeFile(join(sessionsDirectory, callId(1), 'recording.wav'), AUDIO);
  await writeFile(join(sessionsDirectory, callId(1), 'incoming_20261120_120000.wav'), AUDIO.subarray(0, 10));
  await writeFile(join(sessionsDirectory, callId(1), 'empty.wav'), '');
  await writeFile(join(root, 'secret.wav'), 'secret');
  await symlink(join(root, 'secret.wav'), join(sessionsDirectory, callId(1), 'link.wav'));
});

afterAll(() => rm(join(sessionsDirectory, '..'), { recursive: true, force: true }));

const file = (fileName: string, sha256: string | null = 'abc') => ({ fileName, bytes: 1000, sha256 });

const published = (files: RecordingRecord['files']): RecordingRecord => ({
  callId: callId(1),
  state: 'published',
  startedAt: null,
  durationMs: 60,
  files,
  failure: null,
});

const start = (change: Partial<RecordingRecord> = {}) => {
  const fixture = createHttpFixture({ sessionsDirectory });
  fixture.rows.calls.push(callRecord(1));
  const files = { stereo: file('recording.wav'), incoming: file('incoming_20261120_120000.wav', null) };
  fixture.rows.recordings.set(callId(1), { ...published(files), ...change });
  const url = `/api/v1/calls/${callId(1)}/recording`;
  const fetch = (headers: Record<string, string> = {}, query = '') =>
    fixture.get(url + query, { ...AUTHORISED, ...headers });
  const head = (headers: Record<string, string> = {}) =>
    fixture.app.inject({ method: 'HEAD', url, headers: { ...AUTHORISED, ...headers } });
  return { ...fixture, url, fetch, head };
};

describe('the recording', () => {
  it('is sent whole, to be played in place', async () => {
    const response = await start().fetch();
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'audio/wav',
      'content-length': '1000',
      'accept-ranges': 'bytes',
      'content-disposition': 'inline; filename="recording.wav"',
      'cache-control': 'no-store',
      etag: '"abc"',
    });
    expect(response.headers['content-range']).toBeUndefined();
    expect(response.rawPayload.equals(AUDIO)).toBe(true);
  });

  it.each([
    ['bytes=0-99', 'bytes 0-99/1000', 0, 100],
    ['bytes=990-', 'bytes 990-999/1000', 990, 1000],
    ['bytes=-1', 'bytes 999-999/1000', 999, 1000],
    ['bytes=500-5000', 'bytes 500-999/1000', 500, 1000],
  ])('is sent in part for %s', async (range, contentRange, from, to) => {
    const response = await start().fetch({ range });
    expect(response.statusCode).toBe(206);
    expect(response.headers['content-range']).toBe(contentRange);
    expect(response.headers['content-length']).toBe(String(to - from));
    expect(response.rawPayload.equals(AUDIO.subarray(from, to))).toBe(true);
  });

  it('answers 416 with its size for a range outside it', async () => {
    const response = await start().fetch({ range: 'bytes=1000-' });
    expect(response.statusCode).toBe(416);
    expect(response.headers['content-range']).toBe('bytes */1000');
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.json().code).toBe('range_not_satisfiable');
  });

  it('is sent whole for several ranges, and for a part of another version', async () => {
    const { fetch } = start();
    expect((await fetch({ range: 'bytes=0-1,5-6' })).statusCode).toBe(200);
    expect((await fetch({ range: 'bytes=0-1', 'if-range': '"old"' })).statusCode).toBe(200);
    expect((await fetch({ range: 'bytes=0-1', 'if-range': '"abc"' })).statusCode).toBe(206);
  });

  it('tells its size on HEAD, whatever the range', async () => {
    const { head } = start();
    for (const headers of [{}, { range: 'bytes=0-1' }, { range: 'bytes=5000-' }]) {
      const response = await head(headers);
      expect([response.statusCode, response.headers['content-length'], response.body]).toEqual([200, '1000', '']);
    }
  });

  it('has a file for each channel', async () => {
    const { fetch } = start();
    const incoming = await fetch({}, '?channel=incoming');
    expect(incoming.rawPayload.equals(AUDIO.subarray(0, 10))).toBe(true);
    expect(incoming.headers.etag).toMatch(/^"10-\d+"$/);
    const mixed = await fetch({}, '?channel=mixed');
    expect([mixed.statusCode, mixed.json().code]).toEqual([404, 'channel_missing']);
    const wrong = await fetch({}, '?channel=left');
    expect([wrong.statusCode, wrong.json().message]).toEqual([
      422,
      'channel must be one of stereo, mixed, incoming, outgoing.',
    ]);
  });

  it('may be empty', async () => {
    const { fetch } = start({ files: { stereo: file('empty.wav') } });
    const whole = await fetch();
    expect([whole.statusCode, whole.headers['content-length'], whole.body]).toEqual([200, '0', '']);
    expect((await fetch({ range: 'bytes=0-' })).statusCode).toBe(416);
  });
});

describe('no recording', () => {
  it('is there yet while the call is live: 409, on HEAD too', async () => {
    const { fetch, head, liveCalls, rows } = start();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const response = await fetch();
    expect([response.statusCode, response.json()]).toEqual([
      409,
      {
        code: 'recording_in_progress',
        message: 'The recording is still being made; ask again when the call is over.',
        detail: 'The recording is still being made; ask again when the call is over.',
      },
    ]);
    expect((await head()).statusCode).toBe(409);
    expect(rows.asked).toEqual([]);
  });

  it.each(['writing', 'finalising', 'repairing'] as const)('is there yet while it is %s: 409', async (state) => {
    const response = await start({ state }).fetch();
    expect([response.statusCode, response.json().code]).toEqual([409, 'recording_in_progress']);
  });

  it.each([
    ['ENOSPC', 'The recording failed: the disk is full (ENOSPC).'],
    ['EWEIRD', 'The recording failed: see the log (EWEIRD).'],
    ['../../x', 'The recording failed: see the log (unknown).'],
  ])('is there when it failed with %s: 404 says why, without paths', async (code, message) => {
    const failure = { code, message: "ENOSPC: no space left on device, write '/data/sessions/x'" };
    const { fetch, liveCalls } = start({ state: 'failed', failure });
    const response = await fetch();
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { code: 'recording_failed', message, detail: message },
    ]);
    liveCalls.send({ type: 'call.appeared', call: liveCall(1, { recording: 'failed' }) });
    expect((await fetch()).json().message).toBe(message);
  });

  it('is there when its file is gone: 404', async () => {
    const response = await start({ files: { stereo: file('gone.wav') } }).fetch();
    expect([response.statusCode, response.json().code]).toEqual([404, 'recording_missing']);
    expect(response.body).not.toContain(sessionsDirectory);
  });

  it.each([
    '../secret.wav',
    '../../secret.wav',
    '/etc/passwd',
    'a/b.wav',
    '.wav',
    'recording.wav\0',
    'x.txt',
    'link.wav',
  ])('D8: is served from a row that names the file %j', async (fileName) => {
    const response = await start({ files: { stereo: file(fileName) } }).fetch();
    expect(response.statusCode).toBe(404);
    expect(response.body).not.toContain('secret');
  });

  it('belongs to a call without one, or to an unknown call: 404', async () => {
    const { fetch, rows } = start();
    rows.recordings.clear();
    expect((await fetch()).json().code).toBe('recording_unknown');
    rows.calls.length = 0;
    expect((await fetch()).json().code).toBe('call_not_found');
  });
});
