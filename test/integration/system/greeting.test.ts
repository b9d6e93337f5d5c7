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

test('C18, G7: behind a gateway that answers at once nothing is said until there is sound, and then the greeting once', async () => {
  const { number, invite } = await placed();
  await callee.answer(invite);
  const { callId } = await trunkline.untilState(number, 'talking');
  await vi.waitFor(() => expect(callee.rtp.heard.length).toBeGreaterThan(100), PATIENCE);
  expect(callee.rtp.heard.filter(isVoice)).toEqual([]);
  play([]);
  await untilSaid(callId, 1);
  const heard = callee.rtp.heard.length;
  await vi.waitFor(() => expect(callee.rtp.heard.length).toBeGreaterThan(heard + 75), PATIENCE);
  expect(await untilSaid(callId, 1)).toEqual([{ speaker: 'agent', text: GREETING, interrupted: false }]);
  expect(callee.rtp.heard.slice(heard + 25).filter(isVoice)).toEqual([]);
  callee.send('BYE', invite);
  await trunkline.untilSettled(number);
});

test("M7: the callee's hello does not end the greeting, and is answered after it", async () => {
  const { number, invite } = await placed();
  callee.respond(invite, 180);
  await trunkline.untilState(number, 'ringing');
  await callee.answer(invite);
  play(hello);
  const { callId } = await trunkline.untilState(number, 'talking');
  const [first, second, third] = await untilSaid(callId, 3);
  expect(first).toEqual({ speaker: 'agent', text: GREETING, interrupted: false });
  expect(second).toMatchObject({ speaker: 'user', text: expect.stringMatching(/^\[caller spoke for 0\.\d s\]$/) });
  expect(third).toMatchObject({ speaker: 'agent', text: expect.not.stringContaining('Hello') });
  callee.send('BYE', invite);
  await trunkline.untilSettled(number);
});
