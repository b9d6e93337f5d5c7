import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { listenTo } from '#demo/listening.ts';
import { headerOf, type CallerMessage } from '#demo/sip-text.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import type { TestCaller } from '../../fixtures/system/running-system.ts';

const MAX_CALL_SECONDS = 12;
const VOICE_MS = 15_000;
/** RFC 3261 17.1.2.2, timer E: a BYE is sent again after T1. */
const FIRST_RETRANSMISSION_MS = 500;
/** How long the SIP server lets a request wait for an application. */
const PATIENCE_MS = 5_000;

let trunkline: MortalSystem;

beforeAll(async () => {
  trunkline = await startMortalSystem({ env: { MAX_CALL_SECONDS: String(MAX_CALL_SECONDS) } });
});

afterAll(() => trunkline?.stop());

beforeEach(() => trunkline.untilHealthy());

afterEach(async () => {
  await trunkline.letReturn();
  await trunkline.untilBack();
  await trunkline.rehearsal.reset();
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});

/** A call whose application has been killed, and stays away. */
const abandonedCaller = async (): Promise<TestCaller> => {
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  await trunkline.keepAway();
  trunkline.kill();
  return caller;
};

const letReturn = async () => {
  await trunkline.letReturn();
  await trunkline.untilBack();
};

const timed = async (what: Promise<CallerMessage>): Promise<{ answer: CallerMessage; tookMs: number }> => {
  const began = performance.now();
  return { answer: await what, tookMs: performance.now() - began };
};

test('C17: a caller who hangs up while nobody is there gets 200 at once, and the row has the time of the BYE', async () => {
  const caller = await abandonedCaller();
  const endedAt = Date.now();
  const [answer] = await caller.bye();
  expect(answer).toMatchObject({ status: 200 });
  expect(caller.retransmissions).toBe(0);
  expect(Date.now() - endedAt).toBeLessThan(FIRST_RETRANSMISSION_MS);
  await pause(3_000);
  await letReturn();
  const { status, cause, endedAt: told, ledger, recording } = await trunkline.untilSettled(caller.number);
  expect({ status, cause, leaked: ledger?.leaked, recording: recording?.state }).toEqual({
    status: 'answered',
    cause: 'callerHungUp',
    leaked: [],
    recording: 'published',
  });
  expect(Math.abs(Date.parse(told ?? '') - endedAt)).toBeLessThan(FIRST_RETRANSMISSION_MS);
});

test('C17: a caller who gives up while it rings and nobody is there gets 487, and the row is no_answer', async () => {
  await trunkline.rehearsal.fault({ kind: 'hangSetup' });
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  await trunkline.untilState(caller.number, 'alerting');
  await trunkline.keepAway();
  trunkline.kill();
  expect(await caller.cancel()).toMatchObject({ status: 200 });
  expect(await invited).toMatchObject({ status: 487 });
  await letReturn();
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({
    status: 'no_answer',
    cause: 'callerCancelled',
    ledger: { leaked: [] },
  });
});

test('C10: re-INVITE and OPTIONS wait for the application, get 500 with Retry-After, and the call goes on', async () => {
  const caller = await abandonedCaller();
  const listening = listenTo(caller.audio);
  const options = timed(caller.request('OPTIONS'));
  const reinvite = timed(caller.request('INVITE', { type: 'application/sdp', text: caller.offer() }));
  for (const { answer, tookMs } of await Promise.all([options, reinvite])) {
    expect(answer).toMatchObject({ status: 500 });
    expect(Number(headerOf(answer, 'retry-after'))).toBeGreaterThan(0);
    expect(tookMs).toBeGreaterThan(PATIENCE_MS - 500);
  }
  expect(caller.provisionals.at(-1)).toMatchObject({ status: 100 });
  await letReturn();
  await listening.untilVoice('The agent', VOICE_MS);
  expect(await caller.request('OPTIONS')).toMatchObject({ status: 200 });
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
});

test('C10: a re-INVITE that comes while the application is coming back is answered by it', async () => {
  const caller = await abandonedCaller();
  await trunkline.letReturn();
  // Not before: it would not wait for as long as a busy machine may take to start a program.
  await trunkline.untilLoggedSince('A call is taken up again.');
  const answer = await caller.request('INVITE', { type: 'application/sdp', text: caller.offer() });
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toContain('m=audio');
  await trunkline.untilBack();
  const heard = caller.audio.heard.length;
  await expect.poll(() => caller.audio.heard.length, { timeout: VOICE_MS }).toBeGreaterThan(heard + 10);
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
});

test('C17: a call whose longest duration passed while nobody was there ends at once on return', async () => {
  const caller = await abandonedCaller();
  await pause(MAX_CALL_SECONDS * 1_000);
  await letReturn();
  const backAt = Date.now();
  await caller.untilHungUpByPeer();
  const { status, cause, ledger, endedAt } = await trunkline.untilSettled(caller.number);
  expect({ status, cause, leaked: ledger?.leaked }).toEqual({ status: 'answered', cause: 'maxDuration', leaked: [] });
  expect(Date.parse(endedAt ?? '')).toBeLessThan(backAt + 2_000);
});
