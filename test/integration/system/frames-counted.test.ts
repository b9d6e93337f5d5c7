import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mulawTone } from '#demo/mulaw.ts';
import { everyFrame } from '../../fakes/media-rig.ts';
import { RtpPeer, toneFrame } from '../../fakes/rtp-peer.ts';
import { legStatisticsOf, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { listenForTones } from '../../fixtures/system/tones.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';
import { mediaTargetOf } from '#demo/sip-text.ts';

let database: TestDatabase;
let trunkline: TestSystem;

beforeAll(async () => {
  database = await createTestDatabase();
  trunkline = await startTestSystem({ databaseUrl: database.url });
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.drop();
});

beforeEach(() => trunkline.rehearsal.reset());

const HZ = 440;
/** Audio goes to the model 40 ms at a time: the last, unfinished chunk may stay behind. */
const CHUNK_FRAMES = 2;

const audibleMs = async (sessionId: string): Promise<number> =>
  listenForTones(await trunkline.rehearsal.audio(sessionId), [HZ], 16_000).heardMs.get(HZ) ?? 0;

/** What has been sent waits in the socket of a busy worker; a hang-up must not overtake it. */
const untilReceived = (number: string, packets: number) =>
  trunkline.untilCall(number, ({ live }) => {
    const quality = live !== null && 'quality' in live ? (live.quality as { packetsReceived: number } | null) : null;
    return quality?.packetsReceived === packets;
  });

test('M5: every frame of the caller is received, decoded and handed to the model', async () => {
  await trunkline.rehearsal.direct({ silent: true, record: true });
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  const [session] = await trunkline.rehearsal.sessions();
  const { callId } = await trunkline.untilState(caller.number, 'talking');
  await caller.audio.play(mulawTone(HZ, 3_000));
  // Some frames of silence, so that the tone is not what is left in an unfinished chunk.
  await caller.audio.play(new Uint8Array(1_600).fill(0xff));
  caller.audio.sendTo(null);
  const { sent } = caller.audio.statistics();
  await untilReceived(caller.number, sent);
  await caller.bye();
  await trunkline.untilSettled(caller.number);

  const figures = legStatisticsOf(await trunkline.api.timeline(callId));
  expect(figures).toMatchObject({ packetsReceived: sent, framesDecoded: sent, packetsLost: 0, framesConcealed: 0 });
  expect(figures['framesToModel']).toBeGreaterThan(sent - CHUNK_FRAMES);
  expect(figures['framesToModel']).toBeLessThanOrEqual(sent);
  const { audioMsReceived } = await trunkline.rehearsal.session(session?.id ?? '');
  expect(audioMsReceived).toBeGreaterThanOrEqual((figures['framesToModel'] ?? 0) * 20);
  // The tone may begin and end in the middle of a piece.
  expect(Math.abs((await audibleMs(session?.id ?? '')) - 3_000)).toBeLessThanOrEqual(20);
});

test('M5: with packets lost and out of order, what is received and concealed is what the model is given', async () => {
  await trunkline.rehearsal.direct({ silent: true, record: true });
  const [caller, peer] = [await trunkline.caller(), await RtpPeer.open()];
  const sdp = caller.offer().replace(/m=audio \d+/, `m=audio ${peer.port}`);
  const answer = await caller.invite({ sdp });
  caller.audio.sendTo(null);
  peer.aim(mediaTargetOf(answer.body) ?? { host: '', port: 0 });
  const [session] = await trunkline.rehearsal.sessions();
  const { callId } = await trunkline.untilState(caller.number, 'talking');

  const [frames, late] = [250, [] as Uint8Array[]];
  let dropped = 0;
  await everyFrame((frame) => {
    const audio = toneFrame(HZ, frame);
    if (frame % 50 === 10) {
      dropped += 1;
      peer.sequence += 1;
      peer.timestamp += 160;
    } else if (frame % 50 === 30) {
      late.push(audio);
      peer.sequence += 1;
      peer.timestamp += 160;
    } else {
      peer.sendAudio(audio);
      const swapped = late.pop();
      if (swapped) {
        Object.assign(peer, { sequence: peer.sequence - 2, timestamp: peer.timestamp - 320 });
        peer.sendAudio(swapped);
        Object.assign(peer, { sequence: peer.sequence + 1, timestamp: peer.timestamp + 160 });
      }
    }
    return frame < frames - 1;
  });
  await untilReceived(caller.number, frames - dropped);
  await caller.bye();
  await trunkline.untilSettled(caller.number);
  await peer.close();

  const figures = legStatisticsOf(await trunkline.api.timeline(callId));
  const { packetsReceived = 0, framesConcealed = 0, framesDecoded = 0, framesToModel = 0 } = figures;
  expect(figures).toMatchObject({ packetsReceived: frames - dropped, packetsLost: dropped, packetsLate: 0 });
  expect(framesDecoded).toBe(packetsReceived + framesConcealed);
  // A gap in which the sender itself stood still counts as a pause, not as loss.
  expect(framesConcealed).toBeGreaterThan(0);
  expect(framesConcealed).toBeLessThanOrEqual(dropped);
  expect(framesToModel).toBeGreaterThan(framesDecoded - CHUNK_FRAMES);
  expect(framesToModel).toBeLessThanOrEqual(framesDecoded);
  const lessMs = frames * 20 - (await audibleMs(session?.id ?? ''));
  // A concealed frame fades, and changes the phase.
  expect(lessMs).toBeLessThanOrEqual((2 * dropped + CHUNK_FRAMES) * 20);
  expect(lessMs).toBeGreaterThanOrEqual(0);
});
