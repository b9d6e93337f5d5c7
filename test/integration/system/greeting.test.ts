import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { mulawLevel } from '#demo/mulaw.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';

const FRAME = 160;
const SILENCE = new Uint8Array(FRAME).fill(0xff);
const HELLO_FRAMES = 45;
/** Of the rehearsal server; 5.5 s. */
const GREETING = 'Hello, you have reached Trunkline. I am the rehearsal agent. How can I help you today?';

let trunkline: TestSystem;
let api: OutboundApi;
let callee: RawCallee;
let trunkId = 0;
let hello: Uint8Array[];
let playing: NodeJS.Timeout | undefined;

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
  const octets = await spokenQuestion();
  hello = Array.from({ length: HELLO_FRAMES }, (_, at) => octets.slice(at * FRAME, (at + 1) * FRAME));
});
beforeEach(async () => {
  callee = await openRawCallee(trunkline.sip.port);
  trunkId = await api.addTrunk(callee);
});
afterEach(async () => {
  clearInterval(playing);
  await api.removeTrunk(trunkId);
  await callee.close();
});
afterAll(() => trunkline.stop());

/** Frames at their pace, then silence until the end of the test. */
const play = (frames: readonly Uint8Array[]): void => {
  const startedAt = performance.now();
  let sent = 0;
  playing = setInterval(() => {
    for (; sent * 20 <= performance.now() - startedAt; sent += 1) callee.rtp.sendAudio(frames[sent] ?? SILENCE);
  }, 10);
};

const placed = async (order: object = {}): Promise<{ number: string; invite: PeerMessage }> => {
  const number = newNumber();
  const placing = api.place(number, { language: 'en-US', ...order });
  const invite = await callee.invited();
  expect((await placing).status).toBe(201);
  return { number, invite };
};

const isVoice = ({ payload }: { payload: Uint8Array }): boolean => mulawLevel(payload) > 0.02;

const untilSaid = (callId: string, texts: number) =>
  vi.waitFor(async () => {
    const segments = await trunkline.api.transcript(callId);
    if (segments.length < texts) throw new Error(`${segments.length} of ${texts} turns were said.`);
    return segments.map(({ speaker, text, interrupted }) => ({ speaker, text, interrupted }));
  }, PATIENCE);

test('C18, M7: nothing is said behind a gateway until the callee is there; their hello does not end the greeting and is answered', async () => {
  const { number, invite } = await placed();
  await callee.answer(invite);
  const { callId } = await trunkline.untilState(number, 'talking');
  await vi.waitFor(() => expect(callee.rtp.heard.length).toBeGreaterThan(100), PATIENCE);
  expect(callee.rtp.heard.filter(isVoice)).toEqual([]);
  play(hello);
  const [first, second, third] = await untilSaid(callId, 3);
  expect(first).toEqual({ speaker: 'agent', text: GREETING, interrupted: false });
  expect(second).toMatchObject({ speaker: 'user', text: expect.stringMatching(/^\[caller spoke for 0\.\d s\]$/) });
  expect(third).toMatchObject({ speaker: 'agent', text: expect.not.stringContaining('Hello') });
  callee.send('BYE', invite);
  await trunkline.untilSettled(number);
});

test('M7: a greeting from a clip is made once and heard once; the model is told of it, and the hello is answered', async () => {
  const { body } = await api.send('POST', '/agent-profiles', {
    ...{ name: newNumber(), instruction: 'You sell windows.', greetingMode: 'clip', isDefault: true },
  });
  const order = { metadata: { call_config: { greeting_instruction: 'Good day, this is [caller_name].' } } };
  const first = await placed(order);
  callee.respond(first.invite, 180);
  const folder = join(trunkline.system.dataDirectory, 'greeting-clips');
  const clips = () => readdir(folder).catch(() => []);
  await expect.poll(async () => (await clips()).filter((name) => name.endsWith('.wav')), PATIENCE).toHaveLength(1);
  callee.respond(first.invite, 486);
  await trunkline.untilSettled(first.number);

  const { number, invite } = await placed(order);
  callee.respond(invite, 180);
  await trunkline.untilState(number, 'ringing');
  await callee.answer(invite);
  play(hello);
  const { callId } = await trunkline.untilState(number, 'talking');
  const [greeting, reply, answer] = await untilSaid(callId, 3);
  expect(greeting).toEqual({ speaker: 'agent', text: GREETING, interrupted: false });
  expect(reply).toMatchObject({ speaker: 'user', text: expect.stringMatching(/^\[caller spoke for 0\.\d s\]$/) });
  expect(answer).toMatchObject({ speaker: 'agent', text: expect.not.stringContaining('Hello') });
  const sessions = (await trunkline.rehearsal.sessions()).filter(({ state }) => state === 'live');
  expect(sessions).toMatchObject([{ textsReceived: 0, history: [{ role: 'model', text: GREETING }] }]);
  expect(await clips()).toHaveLength(2);
  callee.send('BYE', invite);
  await trunkline.untilSettled(number);
  await api.send('DELETE', `/agent-profiles/${String(body['id'])}`);
});
