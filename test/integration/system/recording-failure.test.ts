import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestSystem, type TestCaller, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let database: TestDatabase;
let trunkline: TestSystem;

beforeAll(async () => {
  database = await createTestDatabase();
  trunkline = await startTestSystem({ databaseUrl: database.url });
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.drop();
});

const connect = async (): Promise<TestCaller> => {
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  return caller;
};

const expectFailure = async (caller: TestCaller, code: string): Promise<void> => {
  const packets = caller.audio.heard.length;
  await expect.poll(() => caller.audio.heard.length, { timeout: 10_000 }).toBeGreaterThan(packets + 10);
  expect(caller.isHungUpByPeer).toBe(false);
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  const settled = await trunkline.untilSettled(caller.number);
  expect(settled).toMatchObject({
    status: 'answered',
    cause: 'callerHungUp',
    recording: { state: 'failed', failureCode: code },
    ledger: { leaked: [] },
  });
  expect(await trunkline.get(`/api/v1/calls/${settled.callId}/recording`)).toMatchObject({
    status: 404,
    body: { code: 'recording_failed', message: expect.stringContaining(code) },
  });
  expect(trunkline.logs.filter((line) => line.includes(settled.callId) && line.includes(code))).not.toEqual([]);
};

/** Files may not grow beyond this from now on; null: as large as they like. */
const limitFiles = (bytes: number | null): void => {
  const limit = bytes === null ? 'unlimited' : String(bytes);
  execFileSync('prlimit', [`--pid=${trunkline.system.applicationPid}`, `--fsize=${limit}:`]);
};

test('a folder that cannot be made loses the recording, not the call, and everybody is told why', async () => {
  const sessions = join(trunkline.system.dataDirectory, 'sessions');
  await rm(sessions, { recursive: true, force: true });
  await writeFile(sessions, 'in the way');
  const caller = await connect();
  await trunkline.untilCall(caller.number, ({ recording }) => recording?.state === 'failed');
  await expectFailure(caller, 'ENOTDIR');
  await rm(sessions);
});

test('a disk that takes no more in mid-call loses the recording, not the call, and everybody is told why', async () => {
  const caller = await connect();
  await trunkline.untilCall(caller.number, ({ recording }) => recording?.state === 'writing');
  limitFiles(50_000);
  try {
    await trunkline.untilCall(caller.number, ({ recording }) => recording?.state === 'failed');
    await expectFailure(caller, 'EFBIG');
  } finally {
    limitFiles(null);
  }
});

test('after that, calls are recorded as before', async () => {
  const caller = await connect();
  await trunkline.untilState(caller.number, 'talking');
  await caller.bye();
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ recording: { state: 'published' } });
});
