import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { APOLOGIES } from '#domain/apology.ts';
import { startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

let trunkline: TestSystem;

beforeAll(async () => {
  trunkline = await startTestSystem({ env: { ANSWER_DELAY_MS: '500' } });
});

afterAll(() => trunkline?.stop());

beforeEach(() => trunkline.rehearsal.reset());

test('C9: a 200 that is never acknowledged is repeated for 32 s, then the call ends with BYE and its row is settled', async () => {
  const caller = await trunkline.caller();
  const invitedAt = performance.now();
  expect(await caller.invite({ autoAck: false })).toMatchObject({ status: 200 });
  await caller.untilHungUpByPeer();
  expect(performance.now() - invitedAt).toBeGreaterThan(31_000);
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({
    status: 'failed',
    cause: 'ackTimeout',
    answeredAt: null,
    ledger: { leaked: [] },
  });
});

test('G2: a model that stays away for half a minute ends the call politely, with an apology', async () => {
  await trunkline.rehearsal.fault({ kind: 'refuse', status: 0 }, { scope: 'all' });
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await caller.untilHungUpByPeer();
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({
    status: 'answered',
    cause: 'modelLost',
    ledger: { leaked: [] },
  });
  const { callId } = await trunkline.untilSettled(caller.number);
  const segments = await trunkline.api.transcript(callId);
  expect(segments.at(-1)).toMatchObject({ speaker: 'agent', text: APOLOGIES.en, interrupted: false });
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});
