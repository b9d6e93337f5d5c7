import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listenTo, type Listening } from '#demo/listening.ts';
import type { ApiTransition } from '#demo/api-client.ts';
import { createOutboundApi } from '../../fixtures/system/outbound-api.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { newNumber, type CallDetail, type TestCaller } from '../../fixtures/system/running-system.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';

/** How the greeting begins, and nothing else that the agent says. */
const GREETING = 'Hello,';
const VOICE_MS = 15_000;
const QUIET_MS = 1_200;
const RECORDING_TOLERANCE_MS = 500;

let trunkline: MortalSystem;
let question: Uint8Array;

beforeAll(async () => {
  trunkline = await startMortalSystem({ env: { SPARE: 'on' } });
  question = await spokenQuestion();
});

afterAll(() => trunkline?.stop());

beforeEach(() => trunkline.untilHealthy());

type Talk = { caller: TestCaller; listening: Listening; gaps: number[] };

const call = async (): Promise<Talk> => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  const gaps: number[] = [];
  let last = Number.NaN;
  caller.audio.onPacket(({ at }) => {
    if (at - last > 100) gaps.push(Math.round(at - last));
    last = at;
  });
  expect(await caller.invite()).toMatchObject({ status: 200 });
  return { caller, listening, gaps };
};

/** Asks, and resolves with the end of the question once the answer has begun. */
const ask = async ({ caller, listening }: Talk): Promise<number> => {
  await listening.untilQuiet('The agent', QUIET_MS, VOICE_MS);
  await caller.audio.play(question);
  const askedAt = performance.now();
  await listening.untilVoice('The answer', VOICE_MS);
  return askedAt;
};

const expectNumbered = (timeline: readonly ApiTransition[]) =>
  expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));

/** The call went on, was hung up by its caller, and all that is kept of it is of one piece. */
const expectOneCall = async ({ caller }: Talk, endedAt: number): Promise<CallDetail> => {
  const detail = await trunkline.untilSettled(caller.number);
  expect(await trunkline.rowsOf(caller.number)).toHaveLength(1);
  const { status, cause, ledger, recording } = detail;
  expect({ status, cause, leaked: ledger?.leaked, recording: recording?.state }).toEqual({
    status: 'answered',
    cause: 'callerHungUp',
    leaked: [],
    recording: 'published',
  });
  const timeline = await trunkline.api.timeline(detail.callId);
  expectNumbered(timeline);
  const began = timeline.find(({ eventType }) => eventType === 'recording.began')?.event as { startedAt?: number };
  const wallClockMs = endedAt - (began.startedAt ?? 0);
  expect(Math.abs((recording?.durationMs ?? 0) - wallClockMs)).toBeLessThan(RECORDING_TOLERANCE_MS);
  expect(caller.audio.statistics()).toMatchObject({ ssrcs: 1, malformed: 0 });
  const segments = await trunkline.api.transcript(detail.callId);
  expect(segments.filter(({ text }) => text.startsWith(GREETING))).toHaveLength(1);
  return detail;
};

const hangUp = async ({ caller }: Talk): Promise<number> => {
  const endedAt = Date.now();
  const [answer] = await caller.bye();
  expect(answer).toMatchObject({ status: 200 });
  expect(caller.retransmissions).toBe(0);
  return endedAt;
};

const report = (what: string, { gaps }: Talk) => console.log(`${what}: without a packet for ${gaps.join(', ')} ms`);

test('C17: the application is killed while the agent speaks, and the conversation goes on as one call', async () => {
  const talk = await call();
  await ask(talk);
  const { callId } = await trunkline.untilState(talk.caller.number, 'talking');
  trunkline.kill();
  await trunkline.untilBack();
  await talk.listening.untilVoice('The rest of the answer', VOICE_MS);
  await ask(talk);
  const detail = await expectOneCall(talk, await hangUp(talk));
  expect(detail.callId).toBe(callId);
  const sessions = await trunkline.rehearsal.sessions();
  expect(sessions.filter(({ resumed }) => resumed)).toHaveLength(1);
  report('killed in mid-answer', talk);
});

test('G7: the application is killed during the greeting, which is gone on with and not said again', async () => {
  const talk = await call();
  await talk.listening.untilVoice('The greeting', VOICE_MS);
  await trunkline.untilState(talk.caller.number, 'talking');
  const heard = talk.caller.audio.heard.length;
  await expect.poll(() => talk.caller.audio.heard.length, { timeout: VOICE_MS }).toBeGreaterThan(heard + 100);
  trunkline.kill();
  await trunkline.untilBack();
  await talk.listening.untilVoice('What follows the greeting', VOICE_MS);
  await ask(talk);
  await expectOneCall(talk, await hangUp(talk));
  report('killed during the greeting', talk);
});

test('C17: the application is killed when a question has just been asked, and the question is answered', async () => {
  const talk = await call();
  await ask(talk);
  await talk.listening.untilQuiet('The agent', QUIET_MS, VOICE_MS);
  await talk.caller.audio.play(question);
  trunkline.kill();
  await trunkline.untilBack();
  await talk.listening.untilVoice('The answer', VOICE_MS);
  await expectOneCall(talk, await hangUp(talk));
  report('killed after a question', talk);
});

test('G7: the application is killed while a clip greets, and nobody is greeted again', async () => {
  const profile = { instruction: 'You answer calls.', greeting: 'Good day.', greetingMode: 'clip', isDefault: true };
  const kept = await createOutboundApi(trunkline).send('POST', '/agent-profiles', { name: newNumber(), ...profile });
  expect(kept).toMatchObject({ status: 201 });
  const first = await call();
  await first.listening.untilVoice('The greeting that the clip is made with', VOICE_MS);
  await hangUp(first);

  const talk = await call();
  await talk.listening.untilVoice('The greeting', VOICE_MS);
  await trunkline.untilState(talk.caller.number, 'talking');
  const heard = talk.caller.audio.heard.length;
  await expect.poll(() => talk.caller.audio.heard.length, { timeout: VOICE_MS }).toBeGreaterThan(heard + 100);
  const sessions = (await trunkline.rehearsal.sessions()).filter(({ state }) => state === 'live');
  expect(sessions).toMatchObject([{ textsReceived: 0, history: [{ role: 'model' }] }]);
  trunkline.kill();
  await trunkline.untilBack();
  await talk.listening.untilVoice('What follows the greeting', VOICE_MS);
  await ask(talk);
  await expectOneCall(talk, await hangUp(talk));
  report('killed during a greeting from a clip', talk);
});
