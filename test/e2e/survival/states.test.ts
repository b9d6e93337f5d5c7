/** The application is killed in each state of an inbound call; before each kill, the state is what the database holds. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { listenTo } from '#demo/listening.ts';
import { headerOf } from '#demo/sip-text.ts';
import { reply } from '../../fakes/sip-server-rig.ts';
import { divergedOf } from '../../fixtures/system/diverged.ts';
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
  await trunkline.letReturn();
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
  expect(await divergedOf(trunkline, callId)).toEqual([]);
  return { status, cause, leaked: ledger?.leaked };
};

// opening → refused: its caller has heard nothing but 100, gets 503, and a row that was written all the same is failed.
test('C15: killed while opening: the caller gets 503, and the row that is committed afterwards is failed', async () => {
  const lock = await lockTable(trunkline.system.addresses.databaseUrl, 'call_sessions');
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(100);
  await vi.waitFor(async () => expect(await trunkline.api.health()).toMatchObject({ liveCalls: 1 }), PATIENCE);
  await lock.awaited();
  await trunkline.keepAway();
  trunkline.kill();
  // The statement that waited for the lock is carried out although nobody waits for it any more.
  await lock.release();
  await trunkline.kept.until(caller.number, 'opening');
  await trunkline.letReturn();
  await trunkline.untilBack();
  const answer = await invited;
  expect(answer).toMatchObject({ status: 503 });
  expect(caller.provisionals.map(({ status }) => status)).toEqual([100]);
  expect(await settled(caller.number)).toEqual({ status: 'failed', cause: 'fault', leaked: [] });
});

// alerting → refused: the caller's side may try again elsewhere, at once.
test('C15: killed while alerting: the caller gets 503 on return, its row is failed', async () => {
  await trunkline.rehearsal.fault({ kind: 'hangSetup' });
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  await trunkline.kept.until(caller.number, 'alerting');
  trunkline.kill();
  await trunkline.untilBack();
  const answer = await invited;
  expect(answer).toMatchObject({ status: 503 });
  expect(Number(headerOf(answer, 'retry-after'))).toBeGreaterThan(0);
  expect(await settled(caller.number)).toEqual({ status: 'failed', cause: 'fault', leaked: [] });
});

// answering → goes on: the 200 has left, the SIP server repeats it until the ACK.
test('C17: killed while answering, before the ACK: the ACK of the repeated 200 connects the call on return', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite({ autoAck: false })).toMatchObject({ status: 200 });
  await trunkline.kept.until(caller.number, 'answering', { wanted: ({ dialog }) => dialog !== null });
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
  await trunkline.kept.until(caller.number, 'answering');
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

// talking → goes on: same row, same dialog, the conversation where it was.
test('C17: killed while talking: the call goes on, and ends as its caller ends it', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.kept.until(caller.number, 'talking', {
    wanted: ({ take, resumptionHandle, heard }) => take !== null && resumptionHandle !== null && heard !== null,
  });
  trunkline.kill();
  await trunkline.untilBack();
  await trunkline.untilState(caller.number, 'talking');
  await listening.untilVoice('The agent', VOICE_MS);
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
});

// recovering, lost in talking → goes on: it is still where it was before the first loss.
test('C17: killed again while recovering: the call goes on after the second return', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  const { callId } = await trunkline.untilState(caller.number, 'talking');
  // A SIP server that says nothing keeps the call where it is.
  const sipServer = await trunkline.freezeSipServer();
  trunkline.kill();
  await trunkline.kept.until(caller.number, 'recovering', { wanted: ({ was }) => was === 'talking' });
  trunkline.kill();
  sipServer.goOn();
  await trunkline.untilBack();
  await listening.untilVoice('The agent', VOICE_MS);
  await trunkline.untilState(caller.number, 'talking');
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
  const epochs = (await trunkline.api.timeline(callId)).map(({ epoch }) => epoch);
  expect(epochs.toSorted((one, other) => one - other)).toEqual(epochs);
  expect(epochs.at(-1)).toBe(3);
});

// recovering, lost in alerting → refused: the second loss does not make the call forget where it was.
test('C15: killed again while recovering a call that was alerting: the caller gets 503 after the second return', async () => {
  await trunkline.rehearsal.fault({ kind: 'hangSetup' });
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  await trunkline.kept.until(caller.number, 'alerting');
  const sipServer = await trunkline.freezeSipServer();
  trunkline.kill();
  await trunkline.kept.until(caller.number, 'recovering', {
    wanted: ({ was }) => was === 'alerting',
    name: 'recovering-alerting',
  });
  trunkline.kill();
  sipServer.goOn();
  await trunkline.untilBack();
  expect(await invited).toMatchObject({ status: 503 });
  expect(await settled(caller.number)).toEqual({ status: 'failed', cause: 'fault', leaked: [] });
});

// hangingUp → says goodbye again: whether the first BYE came through is not known.
test('C17: killed while hanging up, BYE not answered: it is sent again on return, the cause stands', async () => {
  const call = await openRawCall(trunkline);
  await call.connect();
  const { callId } = await trunkline.untilState(call.number, 'talking');
  await trunkline.post(`/api/v1/calls/${callId}/hangup`);
  const first = await call.peer.take('BYE');
  await trunkline.kept.until(call.number, 'hangingUp');
  trunkline.kill();
  await trunkline.untilBack();
  const again = await vi.waitFor(() => {
    const other = call.peer.waiting().find(({ start, header }) => isOther(start, header('CSeq'), first.header('CSeq')));
    if (!other) throw new Error('No second BYE came.');
    return other;
  }, PATIENCE);
  call.peer.send(reply(again, '200 OK', { peer: call.peer }));
  expect(await settled(call.number)).toEqual({ status: 'answered', cause: 'operatorHungUp', leaked: [] });
  await call.close();
});

const isOther = (start: string, sequence: string, first: string) => start.startsWith('BYE') && sequence !== first;

// closing → closes: what was not done before the loss is done now, the outcome stands.
test('C17: killed while closing: the row is settled and the recording published on return', async () => {
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  const session = (await trunkline.rehearsal.sessions()).find(({ state }) => state === 'live');
  // It does not read the close frame: the close handshake takes until its deadline.
  await trunkline.rehearsal.fault({ kind: 'deaf', forMs: 20_000 }, { session: session?.id ?? '' });
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  await trunkline.kept.until(caller.number, 'closing');
  trunkline.kill();
  await trunkline.untilBack();
  expect(await settled(caller.number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ recording: { state: 'published' } });
});
