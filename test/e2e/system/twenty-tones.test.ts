import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeMulaw, mulawTone } from '#demo/mulaw.ts';
import { startTestSystem, type TestCaller, type TestSystem } from '../../fixtures/system/running-system.ts';
import { channelsOf } from '../../fixtures/system/stereo-file.ts';
import { joined, listenForTones } from '../../fixtures/system/tones.ts';

const CALLS = Array.from({ length: 20 }, (_, index) => ({ callerHz: 600 + 67 * index, modelHz: 1_950 + 73 * index }));
const ALL_TONES = CALLS.flatMap(({ callerHz, modelHz }) => [callerHz, modelHz]);
const OVERLAP_MS = 6_000;
const ENOUGH_MS = 4_000;
/** Of full scale, over all of a call: above what jumps in the phase of its own tone leave. */
const SILENT = 0.005;

let trunkline: TestSystem;

beforeAll(async () => {
  trunkline = await startTestSystem();
});

afterAll(() => trunkline?.stop());

type Placed = { caller: TestCaller; callerHz: number; modelHz: number; playing: Promise<void> };

/** Made before the first call, so that none waits for the tone of another. */
const SECONDS = new Map(CALLS.map(({ callerHz }) => [callerHz, mulawTone(callerHz, 1_000)]));

/** Whole seconds of whole hertz follow each other without a jump. */
const keepPlaying = async ({ audio }: TestCaller, hz: number, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) await audio.play(SECONDS.get(hz) ?? new Uint8Array());
};

const place = async ({ callerHz, modelHz }: (typeof CALLS)[number], signal: AbortSignal): Promise<Placed> => {
  await trunkline.rehearsal.direct({ tone: modelHz, record: true });
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  return { caller, callerHz, modelHz, playing: keepPlaying(caller, callerHz, signal) };
};

const expectOnly = (what: string, hz: number, pcm: Int16Array, sampleRateHz: number): void => {
  const { heardMs, levels } = listenForTones(pcm, ALL_TONES, sampleRateHz);
  expect([...heardMs.keys()], what).toEqual([hz]);
  expect(heardMs.get(hz), what).toBeGreaterThan(ENOUGH_MS);
  const foreign = [...levels].filter(([frequency, level]) => frequency !== hz && level > SILENT);
  expect(foreign, what).toEqual([]);
};

test('C3: of 20 calls at once each hears, records and gives to its model its own tone, and no other', async () => {
  const placed: Placed[] = [];
  const ending = new AbortController();
  for (const tones of CALLS) placed.push(await place(tones, ending.signal));
  const last = placed.at(-1)?.caller;
  const wanted = (last?.audio.heard.length ?? 0) + OVERLAP_MS / 20;
  await expect.poll(() => last?.audio.heard.length, { timeout: 60_000, interval: 100 }).toBeGreaterThan(wanted);
  expect((await trunkline.api.health())['liveCalls']).toBe(CALLS.length);
  const sessions = await trunkline.rehearsal.sessions();
  ending.abort();
  for (const { caller, playing } of placed) {
    caller.audio.stopPlaying();
    await playing;
    await caller.bye();
  }

  for (const { caller, callerHz, modelHz } of placed) {
    const { callId, ledger } = await trunkline.untilSettled(caller.number);
    expect(ledger?.leaked).toEqual([]);
    const session = sessions.find(({ toneHz }) => toneHz === modelHz);
    const heard = joined(caller.audio.heard.map(({ payload }) => decodeMulaw(payload)));
    const { left, right } = channelsOf((await trunkline.api.recording(callId, 'stereo')).bytes);
    expectOnly(`model of ${callerHz} Hz`, callerHz, await trunkline.rehearsal.audio(session?.id ?? ''), 16_000);
    expectOnly(`caller of ${callerHz} Hz`, modelHz, heard, 8_000);
    expectOnly(`left channel of ${callerHz} Hz`, callerHz, left, 8_000);
    expectOnly(`right channel of ${callerHz} Hz`, modelHz, right, 8_000);
  }
});
