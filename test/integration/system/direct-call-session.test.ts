import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTokens } from '#http/crm/tokens.ts';
import { openDatabase, type Database } from '#persistence/database.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const JWT_SECRET = 'a secret of the tests that is long enough';

let place: TestDatabase;
let database: Database;
let trunkline: TestSystem;
let acme: number;
const tokens = new Map<string, string>();

const addUser = async (username: string): Promise<number> => {
  const [row] = await database.fork().execute<{ id: number }[]>(
    `insert into users (username, email, hashed_password, role, subscription_end_date)
     values (?, ?, '', 'admin', now() + interval '1 day') returning id`,
    [username, `${username}@example.com`],
  );
  const id = row?.id ?? 0;
  tokens.set(username, await createTokens(JWT_SECRET).sign({ id, role: 'admin' }));
  return id;
};

beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
  acme = await addUser('acme');
  await addUser('bolt');
  trunkline = await startTestSystem({ databaseUrl: place.url, env: { JWT_SECRET } });
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.close();
  await place?.drop();
});

const get = async (user: string, path: string) => {
  const answer = await fetch(`${trunkline.system.addresses.http}${path}`, {
    headers: { authorization: `Bearer ${tokens.get(user)}` },
  });
  const body = answer.headers.get('content-type')?.includes('json') ? await answer.json() : await answer.arrayBuffer();
  return { status: answer.status, body: body as Record<string, unknown> };
};

const addLead = (number: string) =>
  database
    .fork()
    .execute('insert into leads (owner_id, phone, phone_e164) values (?, ?, ?)', [acme, number.slice(4), number]);

/** `of`: whose lead the caller is. */
const talk = async (of: 'acme' | 'nobody'): Promise<{ callId: string; number: string }> => {
  const caller = await trunkline.caller();
  const { number } = caller;
  if (of === 'acme') await addLead(number);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(number, 'talking');
  const { callId } = await trunkline.untilCall(number, ({ answeredAt }) => answeredAt !== null);
  await expect.poll(() => caller.audio.heard.length, PATIENCE).toBeGreaterThan(100);
  await caller.bye();
  await trunkline.untilSettled(number);
  return { callId, number };
};

test('6.1: a direct call is opened by the owner of its lead, live and afterwards, with audio and transcript', async () => {
  const caller = await trunkline.caller();
  const { number } = caller;
  await addLead(number);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  const { callId } = await trunkline.untilState(number, 'talking');
  expect(await get('acme', `/api/crm/sessions/${callId}`)).toMatchObject({
    status: 200,
    body: { status: 'in_call', caller_id: number, lead_id: expect.any(Number), audio_files: null },
  });
  expect((await get('bolt', `/api/crm/sessions/${callId}`)).status).toBe(403);
  expect((await get('acme', '/api/sessions')).body).toMatchObject({ active_sessions: 1 });
  expect((await get('bolt', '/api/sessions')).body).toMatchObject({ active_sessions: 0 });
  await expect
    .poll(async () => (await get('acme', `/api/transcripts/${callId}`)).body, PATIENCE)
    .toMatchObject({ transcripts: { mixed: { content: expect.stringContaining('AGENT: ') } } });
  await caller.bye();
  await trunkline.untilSettled(number);

  const { body } = await get('acme', `/api/crm/sessions/${callId}`);
  expect(body).toMatchObject({ status: 'answered', audio_files: { mixed: {} }, transcripts: { mixed: {} } });
  const { path } = (body['audio_files'] as { mixed: { path: string } }).mixed;
  const audio = await fetch(`${trunkline.system.addresses.http}/static/${path}`, { headers: { range: 'bytes=0-3' } });
  expect([audio.status, await audio.text()]).toEqual([206, 'RIFF']);
  expect((await get('acme', '/api/sessions')).body).toMatchObject({ active_sessions: 0 });
});

test('6.1: the row of a call is lost, its folder is kept: it is adopted, with audio and transcript', async () => {
  const { callId, number } = await talk('acme');
  const folder = join(trunkline.system.dataDirectory, 'sessions', callId);
  await expect.poll(async () => readdir(folder), PATIENCE).toContain('mixed_transcript.txt');
  for (const [table, column] of [
    ['call_sessions', 'session_id'],
    ['call_snapshots', 'call_id'],
    ['recordings', 'call_id'],
    ['transcript_segments', 'call_id'],
  ]) {
    await database.fork().execute(`delete from ${table} where ${column} = ?`, [callId]);
  }
  expect(await get('acme', `/api/crm/sessions/${callId}`)).toMatchObject({
    status: 200,
    body: {
      status: 'completed',
      caller_id: number,
      audio_files: { mixed: {}, incoming: {}, outgoing: {} },
      transcripts: { mixed: { content: expect.stringContaining('AGENT: ') } },
    },
  });
  expect((await get('bolt', `/api/crm/sessions/${callId}`)).status).toBe(403);
});

test('6.1: a call of nobody goes to the first who opens it by its id', async () => {
  const { callId } = await talk('nobody');
  expect((await get('bolt', `/api/crm/sessions/${callId}`)).status).toBe(200);
  expect((await get('acme', `/api/crm/sessions/${callId}`)).status).toBe(403);
  const rows = await database.fork().execute<{ session_id: string }[]>('select session_id from call_sessions');
  const folders = await readdir(join(trunkline.system.dataDirectory, 'sessions'));
  expect(folders.toSorted()).toEqual(rows.map(({ session_id }) => session_id).toSorted());
  await rm(join(trunkline.system.dataDirectory, 'sessions', callId), { recursive: true });
});
