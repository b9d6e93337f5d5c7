import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { headerOf } from '#demo/sip-text.ts';
import { PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createSlowLink, type SlowLink } from '../../fixtures/system/slow-link.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let database: TestDatabase;
let link: SlowLink;
let trunkline: TestSystem;

beforeAll(async () => {
  database = await createTestDatabase();
  link = await createSlowLink(Number(new URL(database.url).port));
  const databaseUrl = Object.assign(new URL(database.url), { port: String(link.port) }).href;
  trunkline = await startTestSystem({ databaseUrl });
});

afterAll(async () => {
  await trunkline?.stop();
  await link?.close();
  await database?.drop();
});

afterEach(() => {
  link.release();
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});

test('S1: while Postgres keeps a call waiting, no answer but 100 leaves; then the call is answered', async () => {
  const caller = await trunkline.caller();
  link.hold();
  const invited = caller.invite();
  await caller.untilProvisional(100);
  // Another INVITE's way there and back: the first one has been dealt with as far as it can be.
  const second = await trunkline.caller();
  const secondInvited = second.invite();
  await second.untilProvisional(100);
  expect(caller.provisionals.map(({ status }) => status)).toEqual([100]);
  link.release();
  expect(await invited).toMatchObject({ status: 200 });
  expect(await secondInvited).toMatchObject({ status: 200 });
  expect(caller.provisionals.map(({ status }) => status)).toEqual([100, 180]);
  for (const each of [caller, second]) {
    await each.bye();
    expect(await trunkline.untilSettled(each.number)).toMatchObject({ status: 'answered', ledger: { leaked: [] } });
  }
});

test('D12: a Postgres too slow to keep a call refuses it with 503, and calls in progress go on', async () => {
  const talking = await trunkline.caller();
  expect(await talking.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(talking.number, 'talking');
  link.hold();
  const refused = await trunkline.caller();
  const answer = await refused.invite();
  expect(answer).toMatchObject({ status: 503 });
  expect(Number(headerOf(answer, 'retry-after'))).toBeGreaterThan(0);
  expect(refused.provisionals.map(({ status }) => status)).toEqual([100]);
  const heard = talking.audio.heard.length;
  await vi.waitFor(() => expect(talking.audio.heard.length).toBeGreaterThan(heard + 10), PATIENCE);
  expect(await talking.bye(1)).toMatchObject([{ status: 200 }]);
  link.release();
  expect(await trunkline.untilSettled(talking.number)).toMatchObject({
    status: 'answered',
    cause: 'callerHungUp',
    ledger: { leaked: [] },
  });
  // The commit that was given up may have been carried out after all: then its row is settled, too.
  await vi.waitFor(async () => {
    const rows = await trunkline.rowsOf(refused.number);
    for (const { status, cause } of rows) expect([status, cause]).toEqual(['failed', 'commitFailed']);
  }, PATIENCE);
});

test('D12: after a slow spell calls are answered and kept as before', async () => {
  const caller = await trunkline.caller();
  await vi.waitFor(async () => expect(await trunkline.get('/ready')).toMatchObject({ status: 200 }), PATIENCE);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await caller.bye();
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ status: 'answered', ledger: { leaked: [] } });
});

test('without Postgres the application says so in one sentence and exits with 1', async () => {
  const program = new URL('../../../src/main.ts', import.meta.url).pathname;
  const env = {
    DATABASE_URL: 'postgres://nobody:hidden@127.0.0.1:9/none',
    DRACHTIO_HOST: '127.0.0.1',
    DRACHTIO_SECRET: 'not-used-before-postgres',
    API_TOKEN: 'not-used-before-postgres',
    JWT_SECRET: 'not-used-before-postgres-not-used-before',
    LOG_LEVEL: 'silent',
  };
  const application = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, out] = [text(application.stderr), text(application.stdout)];
  const [code] = (await once(application, 'exit')) as [number];
  expect({ code, out: await out }).toEqual({ code: 1, out: '' });
  expect((await said).trim().split('\n')).toEqual([expect.stringMatching(/127\.0\.0\.1:9\b.*\.$/)]);
  expect(await said).not.toContain('hidden');
});

test('without Postgres the launcher passes that sentence on', async () => {
  const databaseUrl = 'postgres://nobody:hidden@127.0.0.1:9/none';
  await expect(startTestSystem({ databaseUrl })).rejects.toThrow(
    /^The application did not start: .*127\.0\.0\.1:9\b.*\.$/,
  );
});
