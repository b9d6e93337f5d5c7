import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codecOf } from '#media/codec/g711.ts';
import { everyFrame, MediaRig } from '../../fakes/media-rig.ts';
import { modelTone, strengthOf, toneFrame } from '../../fakes/rtp-peer.ts';

let rig: MediaRig;
let directory: string;

beforeAll(async () => {
  rig = await MediaRig.open({ min: 31_000, max: 31_199 });
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-media-'));
});

afterAll(async () => {
  await rig.worker.stop();
  await rm(directory, { recursive: true, force: true });
});

const isVoiced = ({ payload }: { payload: Uint8Array }): boolean => payload.some((octet) => octet !== 0xff);

const pcmOf = (payloads: readonly Uint8Array[]): Int16Array => {
  const pcm = new Int16Array(payloads.length * 160);
  const frame = new Int16Array(160);
  payloads.forEach((payload, index) => {
    codecOf('PCMU').decode(payload, 0, payload.length, frame);
    pcm.set(frame, index * 160);
  });
  return pcm;
};

test('M5: every caller frame that is received reaches the model, and equally the decoder', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  await everyFrame((frame) => {
    peer.sendAudio(toneFrame(700, frame));
    return frame < 99;
  });
  await rig.until(() => live.audio.length >= 50);
  const closed = await rig.close(callId, peer);
  expect(closed.statistics).toMatchObject({
    packetsReceived: 100,
    packetsLost: 0,
    framesConcealed: 0,
    framesDecoded: 100,
    framesToModel: 100,
  });
  expect(strengthOf(live.heard().subarray(3_200, 28_800), 700, 16_000)).toBeGreaterThan(7_500);
});

test('M1: model audio given in one burst leaves as 160-octet packets with continuous sequence and timestamps', async () => {
  const { callId, peer, opened } = await rig.openCall();
  const live = await rig.connectModel(callId);
  live.events.onAudio(modelTone(1_000, 1_000));
  live.events.onTurnComplete();
  await rig.fact(callId, 'transcript.turnEnded');
  await rig.until(() => peer.heard.filter(isVoiced).length >= 50);
  const heard = [...peer.heard];
  await rig.close(callId, peer);
  expect(heard.every(({ payload, payloadType }) => payload.length === 160 && payloadType === 0)).toBe(true);
  expect(heard[0]).toMatchObject({ marker: true, ssrc: opened.ssrc, sequence: opened.firstSequence });
  for (let index = 1; index < heard.length; index += 1) {
    const [before, after] = [heard[index - 1]!, heard[index]!];
    expect((after.sequence - before.sequence) & 0xffff).toBe(1);
    // A busy machine may cost a frame; its time is left out, and the marker says so.
    const step = (after.timestamp - before.timestamp) >>> 0;
    expect([step % 160, after.marker]).toEqual([0, step > 160]);
  }
  const voiced = heard.filter(isVoiced);
  expect(strengthOf(pcmOf(voiced.slice(5, 45).map(({ payload }) => payload)), 1_000, 8_000)).toBeGreaterThan(7_500);
});

test('a recording holds the caller on the left and the agent on the right', async () => {
  const { callId, peer } = await rig.openCall();
  rig.send(callId, { type: 'recording.start', directory: path.join(directory, callId) });
  await rig.fact(callId, 'recording.started');
  const live = await rig.connectModel(callId);
  live.events.onAudio(modelTone(1_300, 1_200));
  await everyFrame((frame) => {
    // Too quiet to be taken for a barge-in.
    peer.sendAudio(toneFrame(500, frame, 300));
    return frame < 59;
  });
  rig.send(callId, { type: 'recording.stop', endedAt: null });
  const stopped = await rig.fact(callId, 'recording.stopped');
  const closed = await rig.close(callId, peer);
  expect(closed.leaked).toEqual(['model connection']);
  const file = await readFile(stopped.path);
  expect(file.length).toBe(stopped.bytes);
  expect(file.readUInt32LE(40)).toBe(file.length - 44);
  const samples = (file.length - 44) / 4;
  const side = (offset: number) =>
    Int16Array.from({ length: samples }, (_, index) => file.readInt16LE(44 + index * 4 + offset));
  const middle = (pcm: Int16Array) => pcm.subarray(Math.floor(samples / 2), Math.floor(samples / 2) + 3_200);
  expect(strengthOf(middle(side(0)), 500, 8_000)).toBeGreaterThan(270);
  expect(strengthOf(middle(side(0)), 1_300, 8_000)).toBeLessThan(20);
  expect(strengthOf(middle(side(2)), 1_300, 8_000)).toBeGreaterThan(7_000);
  // A frame that a busy machine misses is a step in the tone, and a step holds every frequency.
  expect(strengthOf(middle(side(2)), 500, 8_000)).toBeLessThan(100);
});
