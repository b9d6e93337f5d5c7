import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { headerOf } from '#demo/sip-text.ts';
import { PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let database: TestDatabase;
let trunkline: TestSystem;

beforeAll(async () => {
  database = await createTestDatabase();
  trunkline = await startTestSystem({
    databaseUrl: database.url,
    env: { DRAIN_SECONDS: '2', ANSWER_DELAY_MS: '20000', AFTER_DRAIN: 'end' },
  });
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.drop();
});

const waitingCaller = async () => {
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  return { caller, invited };
};

test('SIGTERM in mid-call, where calls are not to be left to a successor, refuses new calls, ends live ones politely, settles their rows and exits with 0', async () => {
  const { direct, fault } = trunkline.rehearsal;
  const talking = [await trunkline.caller(), await trunkline.caller(), await trunkline.caller()];
  for (const caller of talking) {
    await direct({ silent: true });
    expect(await caller.invite()).toMatchObject({ status: 200 });
    await trunkline.untilState(caller.number, 'talking');
  }
  await fault({ kind: 'hangSetup' });
  const alerting = await waitingCaller();

  process.kill(trunkline.system.applicationPid ?? 0, 'SIGTERM');
  await vi.waitFor(async () => expect(await trunkline.get('/ready')).toMatchObject({ status: 503 }), PATIENCE);
  const late = await trunkline.caller();
  const refusal = await late.invite();
  expect(refusal).toMatchObject({ status: 503 });
  expect(Number(headerOf(refusal, 'retry-after'))).toBeGreaterThan(0);
  // The drain time is not over: those who talk go on.
  expect(talking.map(({ isHungUpByPeer }) => isHungUpByPeer)).toEqual([false, false, false]);

  await Promise.all(talking.map((caller) => caller.untilHungUpByPeer()));
  expect(await alerting.invited).toMatchObject({ status: 503 });
  expect(await trunkline.untilLogged('application ended')).toContain('exit code 0');

  await trunkline.untilLogged('application runs again');
  const isOver = ({ endedAt }: { endedAt: string | null }) => endedAt !== null;
  for (const { number } of talking) {
    const { status, cause, recording } = await trunkline.untilCall(number, isOver);
    expect({ status, cause, recording: recording?.state }).toEqual({
      status: 'answered',
      cause: 'shutdown',
      recording: 'published',
    });
  }
  expect(await trunkline.untilCall(alerting.caller.number, isOver)).toMatchObject({
    status: 'failed',
    cause: 'shutdown',
  });
  expect(await trunkline.rowsOf(late.number)).toEqual([]);
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|still open|A call crashed/i.test(line))).toEqual([]);
});
