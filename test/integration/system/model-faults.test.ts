import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PATIENCE, startTestSystem, type TestCaller, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let database: TestDatabase;
let trunkline: TestSystem;
let pid: number | null;

beforeAll(async () => {
  database = await createTestDatabase();
  trunkline = await startTestSystem({ databaseUrl: database.url, env: { ANSWER_DELAY_MS: '600' } });
  pid = trunkline.system.applicationPid;
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.drop();
});

beforeEach(() => trunkline.rehearsal.reset());

afterEach(async () => {
  expect(trunkline.system.applicationPid).toBe(pid);
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|"level":60/i.test(line))).toEqual([]);
  expect(trunkline.logs.filter((line) => line.includes('A call crashed'))).toEqual([]);
  await vi.waitFor(
    async () =>
      expect(await trunkline.mediaLedger()).toMatchObject({ legs: 0, sockets: 0, modelConnections: 0, recordings: 0 }),
    PATIENCE,
  );
});

const untilVoiceAfter = (caller: TestCaller, at: number): Promise<void> =>
  vi.waitFor(() => expect(caller.audio.latestVoiceAt ?? 0).toBeGreaterThan(at), PATIENCE);

const liveSession = () =>
  vi.waitFor(async () => {
    const found = (await trunkline.rehearsal.sessions()).find(({ state }) => state === 'live');
    if (!found) throw new Error('No session is live.');
    return found;
  }, PATIENCE);

const expectPoliteEnd = async (caller: TestCaller): Promise<void> => {
  const [answer] = await caller.bye();
  expect(answer).toMatchObject({ status: 200 });
  const { status, cause, ledger } = await trunkline.untilSettled(caller.number);
  expect({ status, cause, leaked: ledger?.leaked }).toEqual({
    status: 'answered',
    cause: 'callerHungUp',
    leaked: [],
  });
};

test.each([
  ['refuses the connection', { kind: 'refuse', status: 503 }],
  ['cuts the connection', { kind: 'refuse', status: 0 }],
  ['closes with 1000', { kind: 'close', code: 1000, at: 'setup' }],
  ['closes with 1006', { kind: 'close', code: 1006, at: 'setup' }],
  ['closes with 1011', { kind: 'close', code: 1011, at: 'setup' }],
  ['sends broken JSON', { kind: 'brokenJson', at: 'setup' }],
])('G6: a model that %s while the call is alerting is asked again, and greets', async (_, fault) => {
  await trunkline.rehearsal.fault(fault);
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await untilVoiceAfter(caller, 0);
  await expectPoliteEnd(caller);
});

test('G6: a model that hangs in set-up delays the answer no longer than the answer delay, and greets later', async () => {
  await trunkline.rehearsal.fault({ kind: 'hangSetup' });
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  expect(await invited).toMatchObject({ status: 200 });
  expect(caller.audio.latestVoiceAt).toBeNull();
  await untilVoiceAfter(caller, 0);
  await expectPoliteEnd(caller);
});

test('G6: a model that is absent does not keep the caller from being answered, nor from hanging up', async () => {
  await trunkline.rehearsal.fault({ kind: 'refuse', status: 0 }, { scope: 'all' });
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  await expectPoliteEnd(caller);
});

test.each([1007, 1008])(
  'G12: a set-up that the model refuses with %d ends the call before it is answered, with the reason in its row',
  async (code) => {
    await trunkline.rehearsal.fault({ kind: 'close', code, reason: 'Nothing like that here.', at: 'setup' });
    const caller = await trunkline.caller();
    expect(await caller.invite()).toMatchObject({ status: 503 });
    const settled = await trunkline.untilSettled(caller.number);
    expect(settled).toMatchObject({
      status: 'failed',
      cause: 'modelLost',
      causeDetail: `${code} Nothing like that here.`,
      answeredAt: null,
      ledger: { leaked: [] },
    });
  },
);

test.each([
  ['closes with 1000', { kind: 'close', code: 1000 }],
  ['closes with 1006', { kind: 'close', code: 1006 }],
  ['closes with 1007', { kind: 'close', code: 1007 }],
  ['closes with 1008', { kind: 'close', code: 1008 }],
  ['closes with 1011', { kind: 'close', code: 1011 }],
  ['sends broken JSON', { kind: 'brokenJson' }],
])('G2: a model that %s in mid-call is connected again, and the call goes on', async (_, fault) => {
  await trunkline.rehearsal.direct({ silent: true }, 'all');
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  const first = await liveSession();
  await trunkline.rehearsal.fault(fault, { session: first.id });
  await trunkline.rehearsal.untilSession(first.id, ({ state }) => state === 'closed');
  const second = await liveSession();
  await trunkline.rehearsal.untilSession(second.id, ({ audioFramesReceived }) => audioFramesReceived > 5);
  expect(caller.isHungUpByPeer).toBe(false);
  await expectPoliteEnd(caller);
});

const spanOf = (values: number[]): number => (values.at(-1) ?? 0) - (values[0] ?? 0);

test('M1: ten seconds of audio in one burst leave as one packet of 160 octets every 20 ms', async () => {
  await trunkline.rehearsal.direct({ silent: true });
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  const session = await liveSession();
  await trunkline.rehearsal.fault({ kind: 'burst', ms: 10_000 }, { session: session.id });
  await untilVoiceAfter(caller, 0);
  const before = caller.audio.heard.length;
  await vi.waitFor(() => expect(caller.audio.heard.length).toBeGreaterThan(before + 100), PATIENCE);
  const heard = caller.audio.heard.slice(before);
  expect(new Set(heard.map(({ payload }) => payload.length))).toEqual(new Set([160]));
  // A burst would come within a few milliseconds; this took two seconds, less what was read late.
  expect(spanOf(heard.map(({ at }) => at))).toBeGreaterThan((heard.length - 1) * 10);
  expect(spanOf(heard.map(({ timestamp }) => timestamp)) >>> 0).toBeGreaterThanOrEqual((heard.length - 1) * 160);
  await expectPoliteEnd(caller);
});
