import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { listenTo } from '#demo/listening.ts';
import { headerOf } from '#demo/sip-text.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { openRawCall } from '../../fixtures/system/raw-call.ts';
import { PATIENCE, type CallDetail } from '../../fixtures/system/running-system.ts';
import { lockTable } from '../../fixtures/system/table-lock.ts';

const VOICE_MS = 15_000;

let trunkline: MortalSystem;

beforeAll(async () => {
  trunkline = await startMortalSystem({ env: { ANSWER_DELAY_MS: '30000' } });
});

afterAll(() => trunkline?.stop());

beforeEach(() => trunkline.untilHealthy());

afterEach(async () => {
  await trunkline.untilBack();
  await trunkline.rehearsal.reset();
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});

/** The call's one row, after its end. */
const settled = async (number: string): Promise<Pick<CallDetail, 'status' | 'cause'> & { leaked: unknown }> => {
  const { status, cause, ledger, callId } = await trunkline.untilSettled(number);
  expect(await trunkline.rowsOf(number)).toHaveLength(1);
  const timeline = await trunkline.api.timeline(callId);
  expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));
  return { status, cause, leaked: ledger?.leaked };
};

test('C15: killed while opening, before its row is durable: the caller gets a final answer, and no row stays open', async () => {
  const lock = await lockTable(trunkline.system.addresses.databaseUrl, 'call_sessions');
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(100);
  await vi.waitFor(async () => expect(await trunkline.api.health()).toMatchObject({ liveCalls: 1 }), PATIENCE);
  await trunkline.keepAway();
  trunkline.kill();
  // The statement that waited for the lock may still be carried out.
  await lock.release();
  await trunkline.letReturn();
  await trunkline.untilBack();
  const answer = await invited;
  expect(answer).toMatchObject({ status: 503 });
  expect(caller.provisionals.map(({ status }) => status)).toEqual([100]);
  if ((await trunkline.rowsOf(caller.number)).length === 0) return;
  expect(await settled(caller.number)).toEqual({ status: 'failed', cause: 'fault', leaked: [] });
});

test('C15: killed while alerting: the caller gets 503 on return, its row is failed', async () => {
  await trunkline.rehearsal.fault({ kind: 'hangSetup' });
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  await trunkline.untilState(caller.number, 'alerting');
  trunkline.kill();
  await trunkline.untilBack();
  const answer = await invited;
  expect(answer).toMatchObject({ status: 503 });
  expect(Number(headerOf(answer, 'retry-after'))).toBeGreaterThan(0);
  expect(await settled(caller.number)).toEqual({ status: 'failed', cause: 'fault', leaked: [] });
});

test('C17: killed while answering, before the ACK: the ACK of the repeated 200 connects the call on return', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite({ autoAck: false })).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'answering');
  trunkline.kill();
  await trunkline.untilBack();
  caller.acknowledge();
  await trunkline.untilState(caller.number, 'talking');
  await listening.untilVoice('The greeting', VOICE_MS);
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
});

test('C17: killed while answering, the ACK came in the meantime: the call is connected on return', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite({ autoAck: false })).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'answering');
  await trunkline.keepAway();
  trunkline.kill();
  caller.acknowledge();
  await trunkline.letReturn();
  await trunkline.untilBack();
  await trunkline.untilState(caller.number, 'talking');
  await listening.untilVoice('The greeting', VOICE_MS);
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
});

test('C17: killed again while recovering: the call goes on after the second return', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  const { callId } = await trunkline.untilState(caller.number, 'talking');
  trunkline.kill();
  await trunkline.untilLoggedSince('A call is taken up again.');
  trunkline.kill();
  await trunkline.untilBack();
  await listening.untilVoice('The agent', VOICE_MS);
  await trunkline.untilState(caller.number, 'talking');
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
  const epochs = (await trunkline.api.timeline(callId)).map(({ epoch }) => epoch);
  expect(epochs.toSorted((one, other) => one - other)).toEqual(epochs);
  expect(epochs.at(-1)).toBe(3);
});

test('C17: killed while hanging up, BYE not answered: it is sent again on return, the cause stands', async () => {
  const call = await openRawCall(trunkline);
  await call.connect();
  const { callId } = await trunkline.untilState(call.number, 'talking');
  await trunkline.post(`/api/v1/calls/${callId}/hangup`);
  await call.peer.take('BYE');
  await trunkline.untilState(call.number, 'hangingUp');
  trunkline.kill();
  await trunkline.untilBack();
  expect(await settled(call.number)).toEqual({ status: 'answered', cause: 'operatorHungUp', leaked: [] });
  await call.close();
});

test('C17: killed while closing: the row is settled and the recording published on return', async () => {
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  const session = (await trunkline.rehearsal.sessions()).find(({ state }) => state === 'live');
  // It does not read the close frame: the close handshake takes until its deadline.
  await trunkline.rehearsal.fault({ kind: 'deaf', forMs: 20_000 }, { session: session?.id ?? '' });
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  await trunkline.untilState(caller.number, 'closing');
  trunkline.kill();
  await trunkline.untilBack();
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ recording: { state: 'published' } });
});
