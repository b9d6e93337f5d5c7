import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { LegOrigin } from '#domain/media-protocol.ts';
import { everyFrame, MediaRig, newCallId } from '../../fakes/media-rig.ts';
import { openRtcpPeer } from '../../fakes/rtcp-peer.ts';
import { leapIn, modelTone, RtpPeer, toneFrame } from '../../fakes/rtp-peer.ts';

const PORTS = { min: 42_410, max: 42_413 };
let rigs: MediaRig[];
const open = async (): Promise<MediaRig> => {
  const rig = await MediaRig.open(PORTS);
  rigs.push(rig);
  return rig;
};
let rig: MediaRig;
beforeEach(async () => {
  rigs = [];
  rig = await open();
});
afterEach(() => Promise.all(rigs.map(({ worker }) => worker.stop())));

const origin = (changes: Partial<LegOrigin> = {}): LegOrigin => ({
  rtp: { host: '127.0.0.1', port: PORTS.min },
  ssrc: 77,
  openedAt: Date.now() - 60_000,
  firstSequence: 65_000,
  firstTimestamp: 0xffff_0000,
  ...changes,
});

const connectTo = (to: MediaRig, callId: CallId, peer: RtpPeer, generation = 1): void =>
  to.send(
    callId,
    {
      type: 'leg.connect',
      signallingHost: '127.0.0.1',
      allowedCidrs: [],
      media: {
        codec: 'PCMU',
        payloadType: 0,
        dtmfReceivePayloadType: null,
        dtmfSendPayloadType: null,
        remote: { host: '127.0.0.1', port: peer.port },
        direction: 'sendrecv',
        ptimeMs: 20,
      },
    },
    generation,
  );

const hold = async (port: number): Promise<dgram.Socket> => {
  const socket = dgram.createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
};

test('C17: a leg is opened again by another worker: same port, SSRC and clock, sequence ahead, marker, no BYE', async () => {
  const { peer, byes, close } = await openRtcpPeer();
  const callId = newCallId();
  rig.send(callId, { type: 'leg.open' });
  const { type: _, ...first } = await rig.fact(callId, 'leg.opened');
  connectTo(rig, callId, peer);
  await rig.until(() => peer.heard.length >= 10);
  await rig.worker.stop('goOn');

  const next = await open();
  next.send(callId, { type: 'leg.reopen', ...first }, 2);
  expect(await next.fact(callId, 'leg.opened')).toEqual({ type: 'leg.opened', ...first });
  connectTo(next, callId, peer, 2);
  await next.until(() => leapIn(peer.heard) > 0 && peer.heard.length > leapIn(peer.heard) + 10);
  const heard = leapIn(peer.heard);
  const [before, after, second] = peer.heard.slice(heard - 1);
  expect(after).toMatchObject({ ssrc: first.ssrc, marker: true });
  expect(second!.sequence).toBe((after!.sequence + 1) & 0xffff);
  const leap = (after!.sequence - before!.sequence) & 0xffff;
  expect(leap).toBeGreaterThanOrEqual(100);
  expect(leap).toBeLessThan(400);
  // The same clock: how late packets come by it has not changed, busy machines aside.
  const lateness = ({ at, timestamp }: { at: number; timestamp: number }): number =>
    at - ((timestamp - first.firstTimestamp) >>> 0) / 8;
  const least = (packets: typeof peer.heard): number => Math.min(...packets.map(lateness));
  expect(Math.abs(least(peer.heard.slice(heard)) - least(peer.heard.slice(0, heard)))).toBeLessThan(20);
  expect(byes()).toBe(0);
  next.send(callId, { type: 'leg.close' }, 2);
  await next.until(() => byes() === 1);
  await close();
});

test('the clock of a leg that is opened again goes on from its origin', async () => {
  const callId = newCallId();
  const peer = await RtpPeer.open();
  const opened = origin();
  rig.send(callId, { type: 'leg.reopen', ...opened });
  await rig.fact(callId, 'leg.opened');
  connectTo(rig, callId, peer);
  const live = await rig.connectModel(callId);
  const earliest = Date.now() - opened.openedAt;
  live.events.onAudio(modelTone(1_000, 200));
  const { atMs } = await rig.fact(callId, 'agent.startedSpeaking');
  expect(atMs).toBeGreaterThanOrEqual(earliest - 1);
  expect(atMs).toBeLessThanOrEqual(Date.now() - opened.openedAt + 1);
  await rig.until(() => peer.heard.length > 0);
  expect(peer.heard[0]!.sequence).toBeGreaterThanOrEqual((65_000 + 3_000 + 100) & 0xffff);
  await rig.close(callId, peer);
});

test('the source is locked anew: the negotiated address wins, others are foreign', async () => {
  const callId = newCallId();
  const [peer, stranger] = [await RtpPeer.open(), await RtpPeer.open('127.0.0.2')];
  const opened = origin();
  rig.send(callId, { type: 'leg.reopen', ...opened });
  await rig.fact(callId, 'leg.opened');
  peer.aim(opened.rtp);
  stranger.aim(opened.rtp);
  connectTo(rig, callId, peer);
  for (let frame = 0; frame < 6; frame += 1) stranger.sendAudio(toneFrame(600, frame));
  await everyFrame((frame) => {
    peer.sendAudio(toneFrame(600, frame));
    return frame < 5;
  });
  expect(await rig.fact(callId, 'media.sourceLocked')).toMatchObject({ source: { port: peer.port } });
  expect((await rig.close(callId, peer)).statistics).toMatchObject({ packetsForeign: 6 });
  expect(stranger.heard).toEqual([]);
  await stranger.close();
});

test('M11: a port at rest is bound again for its own leg, at once', async () => {
  const { callId, peer, opened } = await rig.openCall();
  await rig.close(callId, peer);
  expect(rig.worker.ledger()).toMatchObject({ quarantinedPorts: 2 });
  rig.send(callId, { ...opened, type: 'leg.reopen' }, 2);
  await rig.fact(callId, 'leg.opened', 2);
  expect(rig.worker.ledger()).toMatchObject({ ports: 2, quarantinedPorts: 0 });
});

test('a port outside the range of this worker is bound too', async () => {
  const callId = newCallId();
  rig.send(callId, { type: 'leg.reopen', ...origin({ rtp: { host: '127.0.0.1', port: 42_420 } }) });
  expect(await rig.fact(callId, 'leg.opened')).toMatchObject({ rtp: { port: 42_420 } });
  rig.send(callId, { type: 'leg.close' });
  await rig.fact(callId, 'leg.closed');
  expect(rig.worker.ledger()).toMatchObject({ ports: 0, quarantinedPorts: 0 });
});

test('a port that is still held is waited for', async () => {
  const holder = await hold(PORTS.min + 1);
  const callId = newCallId();
  rig.send(callId, { type: 'leg.reopen', ...origin() });
  await everyFrame((frame) => frame < 5);
  expect(rig.facts(callId)).toEqual([]);
  holder.close();
  await rig.fact(callId, 'leg.opened');
});

test('C17: instead of a port that stays taken another one is bound, from which a stream of its own comes', async () => {
  const holder = await hold(PORTS.min);
  const peer = await RtpPeer.open();
  const callId = newCallId();
  const { rtp, ...before } = origin();
  rig.send(callId, { type: 'leg.reopen', rtp, ...before });
  const opened = await rig.fact(callId, 'leg.opened');
  expect(opened.openedAt).toBe(before.openedAt);
  expect(opened.rtp.port).toBeGreaterThan(PORTS.min);
  expect(opened.ssrc).not.toBe(before.ssrc);
  connectTo(rig, callId, peer);
  await rig.until(() => peer.heard.length > 5);
  expect(new Set(peer.heard.map(({ ssrc }) => ssrc))).toEqual(new Set([opened.ssrc]));
  rig.send(callId, { type: 'leg.close' });
  await rig.fact(callId, 'leg.closed');
  expect(rig.worker.ledger()).toMatchObject({ legs: 0, ports: 0 });
  holder.close();
  await peer.close();
});

test('a leg that waits for its port is closed when it is not wanted any more', async () => {
  const holder = await hold(PORTS.min);
  const callId = newCallId();
  rig.send(callId, { type: 'leg.reopen', ...origin() });
  rig.send(callId, { type: 'leg.close' });
  expect(await rig.fact(callId, 'leg.closed')).toEqual({ type: 'leg.closed', leaked: [], statistics: null });
  holder.close();
});

test('a leg of an older generation gives its port to the one that goes on, without telling the peer', async () => {
  const { peer, byes, close } = await openRtcpPeer();
  const callId = newCallId();
  rig.send(callId, { type: 'leg.open' });
  const opened = await rig.fact(callId, 'leg.opened');
  connectTo(rig, callId, peer);
  await rig.until(() => peer.heard.length > 0);
  rig.send(callId, { ...opened, type: 'leg.reopen' }, 2);
  expect(await rig.fact(callId, 'leg.opened', 2)).toEqual(opened);
  expect([rig.factsOf(callId, 'leg.closed').length, byes()]).toEqual([1, 0]);
  rig.send(callId, { ...opened, type: 'leg.reopen' }, 2);
  rig.send(callId, { type: 'leg.close' }, 2);
  await rig.fact(callId, 'leg.closed', 2);
  expect(rig.factsOf(callId, 'leg.opened')).toHaveLength(2);
  await close();
});

test('a recording is resumed in the leg that goes on, and refused where there is no leg', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'trunkline-resume-'));
  const callId = newCallId();
  const { openedAt: startedAt } = origin();
  const file = path.join(directory, 'recording.partial.wav');
  const resume = { type: 'recording.resume', directory, path: file, startedAt } as const;
  rig.send(callId, resume);
  expect(rig.facts(callId)).toMatchObject([{ type: 'recording.failed', code: 'noLeg' }]);
  rig.send(callId, { type: 'leg.reopen', ...origin({ openedAt: startedAt }) });
  await rig.fact(callId, 'leg.opened');
  const earliest = Date.now();
  rig.send(callId, resume);
  expect(await rig.fact(callId, 'recording.started')).toEqual({ type: 'recording.started', path: file, startedAt });
  rig.send(callId, { type: 'recording.stop', endedAt: null });
  const { durationMs } = await rig.fact(callId, 'recording.stopped');
  expect(durationMs).toBeGreaterThanOrEqual(earliest - startedAt - 1);
  expect(durationMs).toBeLessThanOrEqual(Date.now() - startedAt + 1);
  await rm(directory, { recursive: true });
});
