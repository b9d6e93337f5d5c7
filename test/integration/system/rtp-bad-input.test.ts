import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { everyFrame } from '../../fakes/media-rig.ts';
import { RtpPeer, toneFrame } from '../../fakes/rtp-peer.ts';
import { openRawCall, type RawCall } from '../../fixtures/system/raw-call.ts';
import { legStatisticsOf, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { channelsOf } from '../../fixtures/system/stereo-file.ts';
import { listenForTones } from '../../fixtures/system/tones.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';
import { mediaTargetOf } from '#demo/sip-text.ts';

const OWN_HZ = 500;
const FOREIGN_HZ = 1_100;

let database: TestDatabase;
let trunkline: TestSystem;
let call: RawCall;
let target: { host: string; port: number };
let sessionId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  trunkline = await startTestSystem({ databaseUrl: database.url });
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.drop();
});

beforeEach(async () => {
  await trunkline.rehearsal.reset();
  await trunkline.rehearsal.direct({ silent: true, record: true });
  call = await openRawCall(trunkline);
  const answer = await call.connect();
  target = mediaTargetOf(answer.body) ?? { host: '', port: 0 };
  sessionId = (await trunkline.rehearsal.sessions())[0]?.id ?? '';
});

afterEach(() => call.close());

/** Ends the call; what was counted, heard by the model, and recorded of the caller. */
const evidence = async () => {
  expect(await call.hangUp()).toMatchObject({ start: 'SIP/2.0 200 OK' });
  const { callId, status, ledger } = await trunkline.untilSettled(call.number);
  expect({ status, leaked: ledger?.leaked }).toEqual({ status: 'answered', leaked: [] });
  const { bytes } = await trunkline.api.recording(callId, 'stereo');
  const { left } = channelsOf(bytes);
  const heard = await trunkline.rehearsal.audio(sessionId);
  return {
    figures: legStatisticsOf(await trunkline.api.timeline(callId)),
    toModel: listenForTones(heard, [OWN_HZ, FOREIGN_HZ], 16_000).heardMs,
    recorded: listenForTones(left, [OWN_HZ, FOREIGN_HZ], 8_000).heardMs,
  };
};

const around = (ms: number) => ({ asymmetricMatch: (value: unknown) => Math.abs(Number(value) - ms) <= 40 });

test('M3: datagrams of 0, 11, 12, 13 and 1,500 octets do no harm, and the audio around them is heard', async () => {
  const sizes = [0, 11, 12, 13, 1_500];
  await everyFrame((frame) => {
    const size = sizes[frame / 10 - 1];
    if (size !== undefined) call.rtp.sendRaw(new Uint8Array(size));
    // Of a proper version and type, in sequence.
    if (size !== undefined && size >= 12) call.rtp.sendPacket(new Uint8Array(size - 12).fill(0xff), { payloadType: 0 });
    call.rtp.sendAudio(toneFrame(OWN_HZ, frame));
    return frame < 99;
  });
  const { figures, toModel, recorded } = await evidence();
  expect(figures).toMatchObject({ packetsReceived: 103, packetsMalformed: 5, packetsForeign: 0 });
  expect(toModel.get(OWN_HZ)).toEqual(around(2_000));
  expect(recorded.get(OWN_HZ)).toBeGreaterThan(1_800);
});

test('C4: RTP of a foreign source is never played, recorded, given to the model or answered', async () => {
  const [elsewhere, neighbour] = [await RtpPeer.open('127.0.0.2'), await RtpPeer.open()];
  for (const stranger of [elsewhere, neighbour]) stranger.aim(target);
  await everyFrame((frame) => {
    elsewhere.sendAudio(toneFrame(FOREIGN_HZ, frame));
    // The host that signals would be believed, as long as nothing came from the address it named.
    if (frame >= 50) neighbour.sendAudio(toneFrame(FOREIGN_HZ, frame));
    if (frame >= 25) call.rtp.sendAudio(toneFrame(OWN_HZ, frame));
    return frame < 99;
  });
  const { figures, toModel, recorded } = await evidence();
  expect(toModel).toEqual(new Map([[OWN_HZ, around(1_500)]]));
  expect(recorded).toEqual(new Map([[OWN_HZ, around(1_500)]]));
  expect(figures).toMatchObject({ packetsReceived: 75, packetsForeign: 150 });
  expect([elsewhere.heard, neighbour.heard]).toEqual([[], []]);
  expect(call.rtp.heard.length).toBeGreaterThan(50);
  for (const stranger of [elsewhere, neighbour]) await stranger.close();
});

test('M3: extension, padding and contributing sources are no audio', async () => {
  const dressed = (audio: Uint8Array): Uint8Array => {
    const { sequence, timestamp, ssrc } = call.rtp;
    const header = Buffer.alloc(12 + 8 + 8);
    // Version 2, padding, extension, two contributing sources.
    header[0] = 0x80 | 0x20 | 0x10 | 2;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(ssrc, 8);
    header.writeUInt16BE(0xbede, 20);
    header.writeUInt16BE(1, 22);
    header.fill(0x5a, 24);
    return Buffer.concat([header, audio, Uint8Array.of(0x33, 0x33, 0x33, 4)]);
  };
  await everyFrame((frame) => {
    call.rtp.sendRaw(dressed(toneFrame(OWN_HZ, frame)));
    call.rtp.sequence = (call.rtp.sequence + 1) & 0xffff;
    call.rtp.timestamp += 160;
    return frame < 99;
  });
  const { figures, toModel } = await evidence();
  expect(figures).toMatchObject({ packetsReceived: 100, framesDecoded: 100, packetsMalformed: 0 });
  expect(toModel).toEqual(new Map([[OWN_HZ, around(2_000)]]));
});
