import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAudioLinks } from '#http/crm/audio-links.ts';
import { JWT_SECRET } from '../../fakes/http.ts';
import { createSessionRig, wave, type SessionRig } from '../../fakes/session-rig.ts';

let rig: SessionRig;
let id: string;
let link: string;
const NAME = 'mixed_20251201_120423.wav';
const LENGTH = wave(1).length;

beforeAll(async () => {
  rig = await createSessionRig();
  id = await rig.put({
    [NAME]: wave(1),
    'incoming.mp3': 'mp3',
    'session_info.json': '{}',
    'mixed_transcript.txt': 'x',
  });
  const session = (await rig.as('anna').get(`/api/crm/sessions/${id}`)).json();
  link = `/static/${session.audio_files.mixed.path}`;
});
afterAll(() => rig.close());

const get = (url: string, headers: Record<string, string> = {}) => rig.app.inject({ method: 'GET', url, headers });
const bearer = (name: keyof SessionRig['tokens']) => ({ authorization: `Bearer ${rig.tokens[name]}` });
const statusOf = async (url: string, headers?: Record<string, string>) => (await get(url, headers)).statusCode;

it('opens by its link alone, in ranges as a player asks', async () => {
  const whole = await get(link);
  expect([whole.statusCode, whole.rawPayload.length]).toEqual([200, LENGTH]);
  expect(whole.headers).toMatchObject({
    'content-type': 'audio/wav',
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename="${NAME}"`,
  });
  const part = await get(link, { range: 'bytes=0-3' });
  expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, 'RIFF', `bytes 0-3/${LENGTH}`]);
  expect(await statusOf(link, { range: `bytes=${LENGTH}-` })).toBe(416);
  const head = await rig.app.inject({ method: 'HEAD', url: link });
  expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, String(LENGTH), '']);
});

it('opens with a log-in within the scope, as what it is', async () => {
  const mp3 = await get(`/static/sessions/${id}/incoming.mp3`, bearer('acme'));
  expect([mp3.statusCode, mp3.headers['content-type'], mp3.body]).toEqual([200, 'audio/mpeg', 'mp3']);
  expect(await statusOf(`/static/sessions/${id}/${NAME}`, bearer('root'))).toBe(200);
});

it('is closed without either (401), to others (403), and with a link that is wrong or old (403)', async () => {
  const path = `sessions/${id}/${NAME}`;
  expect(await statusOf(`/static/${path}`)).toBe(401);
  expect(await statusOf(`/static/${path}`, { authorization: 'Bearer x' })).toBe(401);
  expect(await statusOf(`/static/${path}`, bearer('bolt'))).toBe(403);
  expect(await statusOf(`/static/${path}?token=x`, bearer('anna'))).toBe(403);
  expect(await statusOf(link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBe(403);
  expect(await statusOf(link.replace(NAME, 'incoming.mp3'))).toBe(403);
  const old = createAudioLinks({ secret: JWT_SECRET, lifetimeSeconds: 60, now: () => Date.now() - 61_000 });
  expect(await statusOf(`/static/${old.sign(path)}`)).toBe(403);
  const fresh = createAudioLinks({ secret: JWT_SECRET, lifetimeSeconds: 60, now: Date.now });
  expect(await statusOf(`/static/${fresh.sign(path)}`)).toBe(200);
});

it('serves nothing but audio of calls', async () => {
  const session = `/static/sessions/${id}`;
  const paths = [
    `${session}/session_info.json`,
    `${session}/mixed_transcript.txt`,
    `${session}/..%2f${id}%2f${NAME}`,
    `${session}/missing.wav`,
    `${session}/.hidden.wav`,
    `/static/sessions/..%2f..%2fetc/passwd.wav`,
    `/static/sessions/${id}`,
    '/static/package.json',
    '/static/',
    `/static/sessions/00000000-0000-4000-8000-000000000000/${NAME}`,
  ];
  expect(await Promise.all(paths.map((path) => statusOf(path, bearer('root'))))).toEqual(paths.map(() => 404));
});

it('follows no link out of the folder of calls', async () => {
  const outside = join(rig.sessionsDirectory, '..', 'outside');
  await mkdir(outside);
  await writeFile(join(outside, NAME), 'secret');
  const linked = await rig.addRow({ owner_id: rig.ids.anna });
  await symlink(outside, join(rig.sessionsDirectory, linked));
  await symlink(join(outside, NAME), join(rig.sessionsDirectory, id, 'outgoing_x.wav'));
  expect(await statusOf(`/static/sessions/${linked}/${NAME}`, bearer('anna'))).toBe(404);
  expect(await statusOf(`/static/sessions/${id}/outgoing_x.wav`, bearer('anna'))).toBe(404);
});

it('carries CORS headers on refusals too', async () => {
  const answer = await get(`/static/sessions/${id}/${NAME}`, { origin: 'http://localhost:3000' });
  expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:3000');
  expect(typeof answer.json().detail).toBe('string');
});
