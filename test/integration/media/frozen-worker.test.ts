import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { everyFrame, MediaRig } from '../../fakes/media-rig.ts';
import { openRtcpPeer } from '../../fakes/rtcp-peer.ts';
import { toneFrame } from '../../fakes/rtp-peer.ts';

const LEASE_MS = 6_000;
let rig: MediaRig;
let directory: string;
beforeEach(async () => {
  rig = await MediaRig.open({ min: 42_450, max: 42_459 }, LEASE_MS);
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-frozen-'));
});
afterEach(async () => {
  rig.worker.handle({ type: 'worker.goOn' });
  await rig.worker.stop();
  await rm(directory, { recursive: true });
});

const frozen = () => rig.reports.filter((report) => 'gapMs' in report);

const recordedCall = async () => {
  const { callId, peer, opened } = await rig.openCall();
  const live = await rig.connectModel(callId);
  rig.send(callId, { type: 'recording.start', directory: path.join(directory, callId) });
  const { path: file } = await rig.fact(callId, 'recording.started');
  await rig.until(() => peer.heard.length > 5 && live.audio.length > 2);
  return { callId, peer, opened, live, file };
};

const closeCall = async (callId: CallId): Promise<void> => {
  rig.send(callId, { type: 'leg.close' });
  await rig.fact(callId, 'leg.closed');
};

test('C17: a worker that stood still for longer than its lease sends and takes nothing until it is told', async () => {
  const { callId, peer, live } = await recordedCall();
  rig.standStill(LEASE_MS + 1_000);
  rig.worker.watch();
  const [packets, chunks] = [peer.heard.length, live.audio.length];
  rig.send(callId, { type: 'model.say', connection: 1, text: 'Are you there?' });
  await everyFrame((frame) => {
    peer.sendAudio(toneFrame(500, frame));
    return frame < 20;
  });
  // One packet may have been on its way.
  expect(peer.heard.length - packets).toBeLessThanOrEqual(1);
  expect([live.audio.length, live.texts]).toEqual([chunks, []]);
  expect(frozen()).toMatchObject([{ type: 'worker.frozen' }]);

  rig.worker.handle({ type: 'worker.goOn' });
  expect(live.texts).toEqual(['Are you there?']);
  await rig.until(() => peer.heard.length > packets + 5 && live.audio.length > chunks + 5);
  await closeCall(callId);
  await peer.close();
});

test('C17: a call that is another process by now is let go of without a packet, a frame or a write', async () => {
  const { peer, byes, close } = await openRtcpPeer();
  const { callId, live, file, peer: own } = await recordedCall();
  rig.connect(callId, { remote: { host: '127.0.0.1', port: peer.port } });
  await rig.until(() => peer.heard.length > 5);
  rig.standStill(LEASE_MS + 1_000);
  rig.worker.watch();
  const content = await readFile(file);
  const chunks = live.audio.length;
  rig.send(callId, { type: 'leg.abandon' });
  expect(await rig.fact(callId, 'leg.closed')).toMatchObject({ leaked: [] });
  rig.worker.handle({ type: 'worker.goOn' });
  expect(await readFile(file)).toEqual(content);
  expect(rig.factsOf(callId, 'recording.stopped')).toEqual([]);
  expect([live.isTerminated, live.audio.length, byes()]).toEqual([true, chunks, 0]);
  expect(rig.worker.ledger()).toMatchObject({ legs: 0, sockets: 0, modelConnections: 0, recordings: 0 });
  rig.send(callId, { type: 'leg.abandon' });
  expect(rig.factsOf(callId, 'leg.closed')).toHaveLength(2);
  await own.close();
  await close();
});

test('standing still for less than the lease has no consequence', async () => {
  const { callId, peer } = await recordedCall();
  rig.standStill(LEASE_MS - 500);
  const packets = peer.heard.length;
  await rig.until(() => peer.heard.length > packets + 3);
  expect(frozen()).toEqual([]);
  rig.send(callId, { type: 'recording.stop', endedAt: null });
  const { durationMs } = await rig.fact(callId, 'recording.stopped');
  expect(durationMs).toBeGreaterThan(LEASE_MS - 500);
  await closeCall(callId);
  await peer.close();
});
