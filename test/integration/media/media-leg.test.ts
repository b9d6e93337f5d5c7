import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { APOLOGIES } from '#domain/apology.ts';
import { CLIPS_DIRECTORY } from '#gemini/rehearsal/clips.ts';
import { readClipFile } from '#media/clip-file.ts';
import { everyFrame, MediaRig, newCallId } from '../../fakes/media-rig.ts';
import { modelTone, RtpPeer, strengthOf, toneFrame, type HeardPacket } from '../../fakes/rtp-peer.ts';

let rig: MediaRig;
let directory: string;

beforeAll(async () => {
  rig = await MediaRig.open({ min: 31_200, max: 31_399 });
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-leg-'));
});

afterAll(async () => {
  await rig.worker.stop();
  await rm(directory, { recursive: true, force: true });
});

const isVoiced = ({ payload }: HeardPacket): boolean => payload.some((octet) => octet !== 0xff);
const loud = (frame: number): Uint8Array => toneFrame(600, frame);

test('M3: odd packets, comfort noise and digits are no audio, and harm nothing', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  peer.sendRaw(new Uint8Array(0));
  peer.sendRaw(new Uint8Array(11));
  peer.sendAudio(loud(0));
  peer.sendAudio(new Uint8Array(0));
  peer.sendAudio(new Uint8Array(1));
  peer.sendAudio(new Uint8Array(1_488).fill(0xff));
  peer.sendPacket(Uint8Array.of(60), { payloadType: 13 });
  for (const end of [0, 0, 0x80, 0x80, 0x80])
    peer.sendPacket(Uint8Array.of(4, end | 10, 3, 32), { payloadType: 101, timestamp: 77 });
  peer.sendPacket(new Uint8Array(160), { payloadType: 111 });
  await rig.until(() => live.audio.length > 8);
  const { statistics } = await rig.close(callId, peer);
  expect(rig.factsOf(callId, 'media.digitPressed')).toEqual([
    { type: 'media.digitPressed', digit: '4', durationMs: 100 },
  ]);
  expect(statistics).toMatchObject({ packetsReceived: 11, packetsMalformed: 3, packetsLost: 0, framesDecoded: 10.31 });
});

test('M4: a new SSRC, a jump and a pause in transmission are heard through', async () => {
  const { callId, peer } = await rig.openCall();
  await rig.connectModel(callId);
  await everyFrame((frame) => {
    if (frame === 20) Object.assign(peer, { ssrc: 99, sequence: 60_000, timestamp: 5 });
    if (frame === 40) peer.sequence = 100;
    if (frame < 60 || frame > 90) peer.sendAudio(loud(frame));
    else peer.timestamp += 160;
    return frame < 119;
  });
  peer.press('1');
  await rig.fact(callId, 'media.digitPressed');
  const { statistics } = await rig.close(callId, peer);
  expect(statistics).toMatchObject({ packetsReceived: 90, packetsLate: 0, framesConcealed: 0, framesDecoded: 89 });
});

test('a lost packet is concealed once, and the model hears as much as before', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  await everyFrame((frame) => {
    if (frame === 20) peer.sequence += 1;
    else peer.sendAudio(loud(frame));
    return frame < 49;
  });
  peer.press('1');
  await rig.fact(callId, 'media.digitPressed');
  expect(live.audio.length).toBeGreaterThanOrEqual(25);
  const { statistics } = await rig.close(callId, peer);
  expect(statistics).toMatchObject({ packetsReceived: 50, packetsLost: 1, framesConcealed: 1, framesDecoded: 50 });
});

test('M8: the model hears silence on the clock when the caller sends nothing', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  await rig.until(() => live.heard().length >= 16_000);
  expect(Math.max(...live.heard())).toBe(0);
  await rig.close(callId, peer);
});

test('M6: after `interrupted` at most two more packets carry the agent, and none of the old turn follows', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  live.events.onAudio(modelTone(1_000, 5_000));
  live.events.onGenerationComplete();
  await rig.until(() => peer.heard.filter(isVoiced).length >= 10);
  const before = peer.heard.length;
  live.events.onInterrupted();
  live.events.onAudio(modelTone(1_000, 500));
  live.events.onTurnComplete();
  await rig.until(() => peer.heard.length >= before + 25);
  expect(peer.heard.slice(before).filter(isVoiced).length).toBeLessThanOrEqual(2);
  expect(rig.factsOf(callId, 'playout.flushed')).toMatchObject([{ turn: 1, by: 'model' }]);
  expect(rig.factsOf(callId, 'transcript.turnEnded')).toMatchObject([{ turn: 1, interrupted: true }]);
  live.events.onAudio(modelTone(1_000, 100));
  live.events.onTurnComplete();
  await rig.until(() => rig.factsOf(callId, 'agent.startedSpeaking').length === 2);
  await rig.close(callId, peer);
});

test('M6: the caller who talks over the agent silences it, though the model has not noticed', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  live.events.onAudio(modelTone(1_000, 5_000, 3_000));
  await rig.fact(callId, 'agent.startedSpeaking');
  await everyFrame((frame) => {
    peer.sendAudio(loud(frame));
    return rig.factsOf(callId, 'playout.flushed').length === 0;
  });
  expect(rig.factsOf(callId, 'playout.flushed')).toMatchObject([{ turn: 1, by: 'onset' }]);
  const before = peer.heard.length;
  await rig.until(() => peer.heard.length >= before + 10);
  expect(peer.heard.slice(before).filter(isVoiced)).toEqual([]);
  await rig.close(callId, peer);
});

test("M7: the caller's hello survives the greeting, and the greeting the hello", async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  rig.send(callId, { type: 'model.greet', connection: 1, text: 'Greet.', clip: null });
  expect(live.texts).toEqual(['Greet.']);
  live.events.onAudio(modelTone(1_000, 800));
  live.events.onTurnComplete();
  const before = live.audio.length;
  await everyFrame((frame) => {
    if (frame < 30) peer.sendAudio(loud(frame));
    return rig.factsOf(callId, 'model.greeted').length === 0;
  });
  expect(Math.max(...live.audio.slice(before).flatMap(({ pcm }) => [...pcm]))).toBe(0);
  const greeted = live.audio.length;
  await rig.until(() => live.audio.length >= greeted + 15);
  const hello = Int16Array.from(live.audio.slice(greeted).flatMap(({ pcm }) => [...pcm]));
  expect(strengthOf(hello.subarray(640, 9_600), 600, 16_000)).toBeGreaterThan(7_500);
  const { statistics } = await rig.close(callId, peer);
  expect(rig.factsOf(callId, 'playout.flushed')).toEqual([]);
  expect(rig.factsOf(callId, 'transcript.turnEnded')).toMatchObject([{ turn: 1, heardMs: 800, interrupted: false }]);
  expect(statistics).toMatchObject({ framesDecoded: 30, framesToModel: 30 });
});

test('M7: a greeting from a clip is played once, word by word, and the hello is heard after it', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  const clip = { path: path.join(CLIPS_DIRECTORY, 'en/greeting.wav'), text: 'Hello, you have reached Trunkline.' };
  rig.send(callId, { type: 'model.greet', connection: 1, text: 'Greet.', clip });
  await everyFrame((frame) => {
    if (frame < 30) peer.sendAudio(loud(frame));
    return rig.factsOf(callId, 'model.greeted').length === 0;
  });
  const greeted = live.audio.length;
  await rig.until(() => live.audio.length >= greeted + 15);
  const hello = Int16Array.from(live.audio.slice(greeted).flatMap(({ pcm }) => [...pcm]));
  expect(strengthOf(hello.subarray(640, 9_600), 600, 16_000)).toBeGreaterThan(7_500);
  await rig.close(callId, peer);
  expect(live.texts).toEqual([]);
  const said = rig.factsOf(callId, 'transcript.agentSaid');
  expect(said.map(({ text }) => text).join('')).toBe(clip.text);
  expect(said.map(({ audioOffsetMs }) => Math.round(audioOffsetMs / 1_000))).toEqual([0, 1, 2, 3, 4]);
  const [ended] = rig.factsOf(callId, 'transcript.turnEnded');
  expect(ended).toMatchObject({ turn: 1, interrupted: false });
  expect(Math.round((ended?.heardMs ?? 0) / 100)).toBe(55);
});

test('a clip that cannot be read is no reason not to greet: the model is asked', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  const clip = { path: '/nonexistent/greeting.wav', text: 'Hello.' };
  rig.send(callId, { type: 'model.greet', connection: 1, text: 'Greet.', clip });
  await rig.until(() => live.texts.length > 0);
  expect(live.texts).toEqual(['Greet.']);
  await rig.close(callId, peer);
});

test('G2: an apology needs no model, is heard to its end whatever the caller says, and is in the transcript', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  live.events.onClose({ by: 'closed', code: 1011, reason: 'gone', wasClean: true });
  rig.send(callId, { type: 'playout.apologise', language: 'bg-BG' });
  rig.send(callId, { type: 'playout.drain' });
  await everyFrame((frame) => {
    peer.sendAudio(loud(frame));
    return rig.factsOf(callId, 'playout.drained').length === 0;
  });
  await rig.close(callId, peer);
  const said = rig.factsOf(callId, 'transcript.agentSaid');
  expect(said.map(({ text }) => text).join('')).toBe(APOLOGIES.bg);
  expect(rig.factsOf(callId, 'playout.flushed')).toEqual([]);
  const [ended] = rig.factsOf(callId, 'transcript.turnEnded');
  expect(ended).toMatchObject({ interrupted: false });
  const clip = await readClipFile(path.join(import.meta.dirname, '../../../src/media/clips/apology-bg.wav'));
  expect(ended?.heardMs).toBeCloseTo(clip.pcm.length / 24, -2);
  expect(peer.heard.filter(isVoiced).length).toBeGreaterThan(100);
});

test('C3: twenty calls with a tone each: no tone in another call', async () => {
  const calls = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const call = await rig.openCall();
      const live = await rig.connectModel(call.callId);
      // The caller stays quiet enough not to interrupt.
      return { ...call, live, callerHz: 300 + index * 50, agentHz: 1_500 + index * 50 };
    }),
  );
  const lives = calls.map(({ callId }, index) => ({ callId, index }));
  expect(new Set(lives.map(({ callId }) => callId)).size).toBe(20);
  for (const { live, agentHz } of calls) live.events.onAudio(modelTone(agentHz, 1_500));
  await everyFrame((frame) => {
    for (const { peer, callerHz } of calls) peer.sendAudio(toneFrame(callerHz, frame, 300));
    return frame < 59;
  });
  for (const { live, peer, callerHz, agentHz } of calls) {
    const toModel = live.heard().slice(-12_800);
    const toPeer = pcmOf(peer.heard.filter(isVoiced).slice(5, 45));
    expect(strengthOf(toModel, callerHz, 16_000)).toBeGreaterThan(250);
    expect(strengthOf(toPeer, agentHz, 8_000)).toBeGreaterThan(7_500);
    for (const other of calls) {
      if (other.live === live) continue;
      expect(strengthOf(toModel, other.callerHz, 16_000)).toBeLessThan(20);
      expect(strengthOf(toPeer, other.agentHz, 8_000)).toBeLessThan(200);
    }
  }
  await Promise.all(calls.map(({ callId, peer }) => rig.close(callId, peer)));
});

test('C4: RTP from a stranger is counted, never heard, and never answered', async () => {
  const { callId, peer, opened } = await rig.openCall();
  const live = await rig.connectModel(callId);
  const stranger = await RtpPeer.open('127.0.0.2');
  stranger.aim(opened.rtp);
  await everyFrame((frame) => {
    stranger.sendAudio(loud(frame));
    return frame < 20;
  });
  peer.sendAudio(toneFrame(600, 0, 0));
  expect(await rig.fact(callId, 'media.sourceLocked')).toEqual({
    type: 'media.sourceLocked',
    source: { host: '127.0.0.1', port: peer.port },
  });
  await rig.until(() => live.audio.length > 5);
  expect(Math.max(...live.heard())).toBeLessThan(10);
  expect(stranger.heard).toEqual([]);
  await stranger.close();
  expect((await rig.close(callId, peer)).statistics).toMatchObject({ packetsForeign: 21, packetsReceived: 1 });
});

test('C4: a peer behind NAT is answered where its packets come from', async () => {
  const callId = newCallId();
  const peer = await RtpPeer.open();
  rig.send(callId, { type: 'leg.open' });
  peer.aim((await rig.fact(callId, 'leg.opened')).rtp);
  // Port 9 is where its SDP points; nobody is there.
  rig.connect(callId, { remote: { host: '127.0.0.3', port: 9 } });
  await everyFrame((frame) => {
    peer.sendAudio(loud(frame));
    return peer.heard.length === 0;
  });
  expect((await rig.close(callId, peer)).statistics).toMatchObject({ packetsForeign: 0 });
});

test('C11: on hold nothing is sent, and afterwards the stream goes on with marker and clock', async () => {
  const { callId, peer, opened } = await rig.openCall();
  const remote = { host: '127.0.0.1', port: peer.port };
  await rig.until(() => peer.heard.length > 5);
  rig.connect(callId, { remote, direction: 'inactive' });
  const held = peer.heard.length;
  await everyFrame((frame) => frame < 15);
  const duringHold = peer.heard.length - held;
  rig.connect(callId, { remote });
  await rig.until(() => peer.heard.length >= held + duringHold + 2);
  const [last, next] = peer.heard.slice(held + duringHold - 1, held + duringHold + 1);
  expect(duringHold).toBeLessThanOrEqual(1);
  expect(next).toMatchObject({ marker: true, ssrc: opened.ssrc, sequence: (last!.sequence + 1) & 0xffff });
  expect((next!.timestamp - last!.timestamp) >>> 0).toBeGreaterThan(1_600);
  await rig.close(callId, peer);
});

test('a recording that cannot be written fails with its reason, and the call goes on', async () => {
  const { callId, peer } = await rig.openCall();
  const file = path.join(directory, 'a-file');
  await writeFile(file, '');
  rig.send(callId, { type: 'recording.start', directory: path.join(file, 'below') });
  expect(await rig.fact(callId, 'recording.failed')).toMatchObject({ code: 'ENOTDIR' });
  const before = peer.heard.length;
  await rig.until(() => peer.heard.length > before + 5);
  expect((await rig.close(callId, peer)).leaked).toEqual([]);
});

const pcmOf = (packets: readonly HeardPacket[]): Int16Array => {
  const pcm = new Int16Array(packets.length * 160);
  const octets = packets.flatMap(({ payload }) => [...payload]);
  octets.forEach((octet, index) => {
    const code = ~octet & 0xff;
    const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
    pcm[index] = code & 0x80 ? -magnitude : magnitude;
  });
  return pcm;
};
