import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { MediaCommand, MediaFact, MediaReport } from '#domain/media-protocol.ts';
import { publishRecording } from '#media/recording-publisher.ts';
import { everyFrame, newCallId, until } from '../../fakes/media-rig.ts';
import { openRtcpPeer } from '../../fakes/rtcp-peer.ts';
import { leapIn, toneFrame, type RtpPeer } from '../../fakes/rtp-peer.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/programs/media-process.ts', import.meta.url));

let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-killed-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

const startProcess = async (callId: CallId, generation: number) => {
  const child = fork(PROGRAM, ['42800', '42819'], { execArgv: [] });
  children.push(child);
  const facts: MediaFact[] = [];
  child.on('message', (message) => {
    if (message !== 'ready') facts.push((message as MediaReport).fact);
  });
  await once(child, 'message');
  const send = (command: MediaCommand): boolean => child.send({ callId, generation, command });
  const fact = async <T extends MediaFact['type']>(type: T): Promise<Extract<MediaFact, { type: T }>> => {
    const find = () => facts.find((one): one is Extract<MediaFact, { type: T }> => one.type === type);
    await until(() => find() !== undefined);
    return find()!;
  };
  const connect = (peer: RtpPeer): boolean => {
    const media = {
      codec: 'PCMU',
      payloadType: 0,
      dtmfReceivePayloadType: null,
      dtmfSendPayloadType: null,
      remote: { host: '127.0.0.1', port: peer.port },
      direction: 'sendrecv',
      ptimeMs: 20,
    } as const;
    return send({ type: 'leg.connect', media, signallingHost: '127.0.0.1', allowedCidrs: [] });
  };
  const kill = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return { send, fact, connect, kill };
};

/** First loud moment of the caller's side at or after `fromMs`, in milliseconds. */
const loudFrom = (file: Buffer, fromMs: number): number => {
  let at = 44 + Math.round(fromMs) * 32;
  while (at + 4 <= file.length && Math.abs(file.readInt16LE(at)) < 1_000) at += 4;
  return (at - 44) / 32;
};

test('M10: a call whose process is killed goes on in the next one, and its recording has one clock', async () => {
  const callId = newCallId();
  const { peer, byes, close } = await openRtcpPeer();
  const first = await startProcess(callId, 1);
  first.send({ type: 'leg.open' });
  const { type: _, ...origin } = await first.fact('leg.opened');
  peer.aim(origin.rtp);
  first.connect(peer);
  first.send({ type: 'recording.start', directory });
  const { path: file, startedAt } = await first.fact('recording.started');
  const spokeAt = Date.now();
  await everyFrame((frame) => {
    peer.sendAudio(toneFrame(500, frame));
    return frame < 119;
  });
  await first.kill();
  const killedAt = Date.now();

  const second = await startProcess(callId, 2);
  second.send({ type: 'leg.reopen', ...origin });
  second.connect(peer);
  second.send({ type: 'recording.resume', directory, path: file, startedAt });
  expect(await second.fact('leg.opened')).toEqual({ type: 'leg.opened', ...origin });
  await second.fact('recording.started');
  await until(() => leapIn(peer.heard) > 0 && peer.heard.length > leapIn(peer.heard) + 10);
  const spokeAgainAt = Date.now();
  await everyFrame((frame) => {
    peer.sendAudio(toneFrame(500, frame));
    return frame < 49;
  });
  const stoppedAt = Date.now();
  second.send({ type: 'recording.stop', endedAt: null });
  const { durationMs } = await second.fact('recording.stopped');
  expect(durationMs).toBeGreaterThanOrEqual(stoppedAt - startedAt - 20);
  expect(durationMs).toBeLessThanOrEqual(Date.now() - startedAt + 20);

  expect(new Set(peer.heard.map(({ ssrc }) => ssrc))).toEqual(new Set([origin.ssrc]));
  const leap = leapIn(peer.heard);
  const [last, next] = [peer.heard[leap - 1]!, peer.heard[leap]!];
  expect(next.marker).toBe(true);
  expect((next.sequence - last.sequence) & 0xffff).toBeGreaterThanOrEqual(100);
  expect((next.timestamp - last.timestamp) >>> 0).toBeGreaterThan(160);
  expect(byes()).toBe(0);

  const content = await readFile(file);
  expect(Math.abs(loudFrom(content, 0) - (spokeAt - startedAt))).toBeLessThan(50);
  expect(Math.abs(loudFrom(content, killedAt - startedAt + 50) - (spokeAgainAt - startedAt))).toBeLessThan(50);
  // What was heard in the last second before the kill may not have been written.
  const kept = loudFrom(content, killedAt - startedAt - 1_200);
  expect(kept).toBeLessThan(killedAt - startedAt - 1_150);
  const published = await publishRecording({
    directory,
    partialPath: file,
    startedAt,
    sessionInfo: { session_id: callId },
  });
  expect(published.durationMs).toBe(durationMs);
  await close();
});

test('M10: the recording of a process that was killed for good is published with what there is of it', async () => {
  const callId = newCallId();
  const { peer, close } = await openRtcpPeer();
  const only = await startProcess(callId, 1);
  only.send({ type: 'leg.open' });
  peer.aim((await only.fact('leg.opened')).rtp);
  only.connect(peer);
  only.send({ type: 'recording.start', directory });
  const { path: file, startedAt } = await only.fact('recording.started');
  await everyFrame((frame) => {
    peer.sendAudio(toneFrame(500, frame));
    return frame < 119;
  });
  await only.kill();
  const recordedMs = Date.now() - startedAt;
  const { durationMs } = await publishRecording({
    directory,
    partialPath: file,
    startedAt,
    sessionInfo: { session_id: callId },
  });
  expect(durationMs).toBeGreaterThan(recordedMs - 1_500);
  expect(durationMs).toBeLessThanOrEqual(recordedMs);
  await close();
});
