import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeMulaw, encodeMulaw } from '#demo/mulaw.ts';
import { startTestSystem, type TestCaller, type TestSystem } from '../../fixtures/system/running-system.ts';
import { channelsOf } from '../../fixtures/system/stereo-file.ts';
import { bestMatch } from '../../fixtures/system/correlation.ts';

const CALL_MS = 120_000;
const CHIRP_EVERY_FRAMES = 300;
const RATE_PER_MS = 8;
const FRAME = 160;
const WITHIN_MS = 20;

let trunkline: TestSystem;

beforeAll(async () => {
  trunkline = await startTestSystem();
});

afterAll(() => trunkline?.stop());

/** 100 ms from 400 to 3,000 Hz: nothing else resembles it but in one place. */
const CHIRP = encodeMulaw(
  Int16Array.from({ length: 800 }, (_, n) => Math.round(12_000 * Math.sin(2 * Math.PI * (0.05 * n + n ** 2 * 0.0002)))),
);

type Sent = { frames: number[]; originMs: number };

/** Plays a chirp every six seconds for two minutes; `originMs` is when the first frame of the call was due. */
const playChirps = async ({ audio }: TestCaller): Promise<Sent> => {
  const frames: number[] = [];
  let originMs = Infinity;
  const pause = new Uint8Array((CHIRP_EVERY_FRAMES - 5) * FRAME).fill(0xff);
  while (audio.statistics().sent * 20 < CALL_MS) {
    frames.push(audio.statistics().sent);
    await audio.play(CHIRP);
    // The frame that was delayed least tells the clock of all.
    originMs = Math.min(originMs, performance.now() - (audio.statistics().sent - 1) * 20);
    await audio.play(pause);
  }
  return { frames, originMs };
};

/** What the caller heard on the clock of the RTP timestamps, and when that clock began. */
const heardBy = ({ audio: { heard } }: TestCaller): { pcm: Int16Array; originMs: number } => {
  const first = heard[0]?.timestamp ?? 0;
  const offsets = heard.map(({ timestamp }) => (timestamp - first) >>> 0);
  const pcm = new Int16Array((offsets.at(-1) ?? 0) + FRAME);
  heard.forEach(({ payload }, index) => pcm.set(decodeMulaw(payload), offsets[index] ?? 0));
  const origins = heard.map(({ at }, index) => at - (offsets[index] ?? 0) / RATE_PER_MS);
  return { pcm, originMs: Math.min(...origins) };
};

/** Where the audible stretches of 200 ms begin. */
const burstsOf = (pcm: Int16Array): number[] => {
  const starts: number[] = [];
  for (let at = 0; at + 1_600 <= pcm.length; at += 1) {
    if (Math.abs(pcm[at] ?? 0) < 500) continue;
    starts.push(at);
    at += 8_000;
  }
  return starts;
};

type Began = { ms: number; likeness: number };

/** A busy machine delays a packet here and there; of three pieces one was on time. */
const clearest = (found: Began[]): number => {
  const best = found.reduce((one, other) => (other.likeness > one.likeness ? other : one));
  expect(best.likeness).toBeGreaterThan(0.95);
  return best.ms;
};

test('M9: both channels of a recording of two minutes lie within 20 ms of what the caller sent and heard', async () => {
  await trunkline.rehearsal.direct({ tone: 700, on: 200, off: 3_300 });
  const caller = await trunkline.caller();
  const invitedAt = performance.now();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  const answeredAt = performance.now();
  const sent = await playChirps(caller);
  await caller.bye();
  const { callId, recording } = await trunkline.untilSettled(caller.number);
  expect(recording?.durationMs).toBeGreaterThan(CALL_MS);
  const { left, right } = channelsOf((await trunkline.api.recording(callId, 'stereo')).bytes);

  const chirp = decodeMulaw(CHIRP);
  const heard = heardBy(caller);
  const bursts = burstsOf(heard.pcm);
  expect(sent.frames.length).toBeGreaterThan(15);
  expect(bursts.length).toBeGreaterThan(15);

  /** When the recording began, on the caller's clock, if this piece of that time is in it: between INVITE and 200. */
  const beganBy = (channel: Int16Array, piece: Int16Array, at: number): Began => {
    const from = Math.floor((at - answeredAt - 500) * RATE_PER_MS);
    const found = bestMatch(channel, piece, { from, to: Math.ceil((at - invitedAt + 500) * RATE_PER_MS) });
    return { ms: at - found.at / RATE_PER_MS, likeness: found.likeness };
  };
  const bySent = (frames: number[]) =>
    clearest(frames.map((frame) => beganBy(left, chirp, sent.originMs + frame * 20)));
  const byHeard = (starts: number[]) =>
    clearest(
      starts.map((start) => {
        const burst = heard.pcm.subarray(start, start + 1_600);
        return beganBy(right, burst, heard.originMs + start / RATE_PER_MS);
      }),
    );
  const began = {
    leftAtStart: bySent(sent.frames.slice(1, 4)),
    leftAtEnd: bySent(sent.frames.slice(-3)),
    rightAtStart: byHeard(bursts.slice(1, 4)),
    rightAtEnd: byHeard(bursts.slice(-4, -1)),
  };
  const times = Object.values(began);
  expect(Math.max(...times) - Math.min(...times), JSON.stringify(began)).toBeLessThan(WITHIN_MS);
});
