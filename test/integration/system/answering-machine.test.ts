import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { toneFrame } from '../../fakes/rtp-peer.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';

const FRAME = 160;
const SILENCE = new Uint8Array(FRAME).fill(0xff);

let trunkline: TestSystem;
let api: OutboundApi;
let callee: RawCallee;
let number: string;
let playing: NodeJS.Timeout | undefined;

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
  callee = await openRawCallee(trunkline.sip.port);
  await api.addTrunk(callee);
});
beforeEach(() => {
  number = newNumber();
});
afterAll(async () => {
  clearInterval(playing);
  await callee.close();
  await trunkline.stop();
});

/** Frames at their pace, then silence until the next thing is played. */
const play = (frames: Uint8Array[]): Promise<void> =>
  new Promise((resolve) => {
    clearInterval(playing);
    const startedAt = performance.now();
    let sent = 0;
    playing = setInterval(() => {
      for (; sent * 20 <= performance.now() - startedAt; sent += 1) callee.rtp.sendAudio(frames[sent] ?? SILENCE);
      if (sent > frames.length) resolve();
    }, 10);
  });

const framesOf = (octets: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.floor(octets.length / FRAME) }, (_, at) => octets.slice(at * FRAME, (at + 1) * FRAME));

const greetingWithBeep = async (): Promise<Uint8Array[]> => [
  ...Array.from({ length: 10 }, () => SILENCE),
  ...framesOf(await spokenQuestion()),
  ...Array.from({ length: 20 }, () => SILENCE),
  ...Array.from({ length: 20 }, (_, frame) => toneFrame(1_000, frame)),
  ...Array.from({ length: 25 }, () => SILENCE),
];

const callMachine = async (answeringMachine: string): Promise<PeerMessage> => {
  const placing = api.place(number, { answeringMachine });
  const invite = await callee.invited();
  await placing;
  await callee.answer(invite);
  await play(await greetingWithBeep());
  return invite;
};

const transitionsOf = async (callId: string) => {
  const { body } = await trunkline.get(`/api/v1/calls/${callId}/timeline?limit=1000`);
  return (body as { transitions: { eventType: string; event: { kind?: string; by?: string }; toState: string }[] })
    .transitions;
};

describe('a machine that answers a call of ours', () => {
  it('is spoken to after its beep, and the row says who has answered', async () => {
    const invite = await callMachine('leaveMessage');
    const { callId } = await trunkline.untilState(number, 'talking');
    const seen = await vi.waitFor(async () => {
      const transitions = await transitionsOf(callId);
      const left = transitions.find(({ toState }) => toState.includes('leavingMessage'));
      if (!left) throw new Error('No message is left yet.');
      return transitions;
    }, PATIENCE);
    const verdicts = seen.filter(({ eventType }) => eventType === 'callee.detected').map(({ event }) => event);
    expect(verdicts.at(-1)).toMatchObject({ kind: 'machine', by: 'beep' });
    expect(seen.filter(({ eventType }) => eventType === 'callee.beeped')).toHaveLength(1);
    const { length: before } = seen.slice(
      0,
      seen.findIndex(({ toState }) => toState.includes('leavingMessage')),
    );
    await vi.waitFor(async () => {
      const spoken = (await transitionsOf(callId)).slice(before);
      expect(spoken.map(({ eventType }) => eventType)).toContain('agent.startedSpeaking');
    }, PATIENCE);
    callee.send('BYE', invite);
    await trunkline.untilSettled(number);
    const { body } = await trunkline.get(`/api/v1/calls/${callId}`);
    expect(body).toMatchObject({ status: 'answered', answeredBy: 'machine', ledger: { leaked: [] } });
  });

  it('is left at its beep where that is wanted', async () => {
    await callMachine('hangUp');
    callee.respond(await callee.peer.take('BYE'), 200);
    const { callId } = await trunkline.untilSettled(number);
    const { body } = await trunkline.get(`/api/v1/calls/${callId}`);
    expect(body).toMatchObject({ cause: 'answeringMachine', answeredBy: 'machine', ledger: { leaked: [] } });
  });
});
