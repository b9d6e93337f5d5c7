import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediaFact } from '#domain/media-protocol.ts';
import { startRecorder, type RecorderSettings } from '#media/recording/call-recorder.ts';
import { wavHeader } from '#media/recording/wav-header.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-recorder-'));
  file = path.join(directory, 'recording.partial.wav');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const STARTED_AT = 1_000_000;
const FRAME = 160;
const frameOf = (value: number): Int16Array => new Int16Array(FRAME).fill(value);

const start = async (settings: Partial<RecorderSettings> = {}) => {
  const facts: MediaFact[] = [];
  const { promise: isStarted, resolve } = Promise.withResolvers<void>();
  const recorder = startRecorder({
    file,
    isResumed: true,
    startedAt: STARTED_AT,
    openedAt: STARTED_AT,
    position: 0,
    tell: (fact) => {
      facts.push(fact);
      resolve();
    },
    ...settings,
  });
  await isStarted;
  /** Both sides speak from frame `from` up to `to`, as values. */
  const record = (from: number, to: number, value: number): void => {
    for (let frame = from; frame < to; frame += 1) {
      recorder.advance(frame * FRAME);
      recorder.caller({ ssrc: 1, timestamp: frame * FRAME }, frame * FRAME, frameOf(value), FRAME);
      recorder.agent(frame * FRAME, frameOf(-value), FRAME);
    }
  };
  return { facts, recorder, record };
};

/** The values of each frame, left and right; frames that are not of one value are seen by `NaN`. */
const frames = async (): Promise<[number, number][]> => {
  const content = await readFile(file);
  expect(content.subarray(0, 44)).toEqual(wavHeader(content.length - 44, { channels: 2, sampleRateHz: 8_000 }));
  const valueOf = (frame: number, side: number): number => {
    const at = (index: number) => content.readInt16LE(44 + (frame * FRAME + index) * 4 + side * 2);
    return Array.from({ length: FRAME }, (_, index) => at(index)).every((value) => value === at(0)) ? at(0) : NaN;
  };
  return Array.from({ length: (content.length - 44) / 4 / FRAME }, (_, frame) => [
    valueOf(frame, 0),
    valueOf(frame, 1),
  ]);
};

const times = (count: number, value: [number, number]): [number, number][] =>
  Array.from({ length: count }, () => value);

test('M10: a recording that was cut off goes on where the clock is, with silence between', async () => {
  const first = await start({ isResumed: false });
  first.record(0, 100, 5);
  await first.recorder.stop(100 * FRAME);
  // What a killed process leaves: an older header, and less than it heard.
  const cut = (await readFile(file)).subarray(0, 44 + 80 * FRAME * 4);
  await writeFile(file, Buffer.concat([wavHeader(0, { channels: 2, sampleRateHz: 8_000 }), cut.subarray(44)]));

  const second = await start({ position: 150 * FRAME });
  second.record(150, 200, 7);
  await second.recorder.stop(200 * FRAME);
  expect(second.facts).toEqual([
    { type: 'recording.started', path: file, startedAt: STARTED_AT },
    { type: 'recording.stopped', path: file, durationMs: 4_000, bytes: 44 + 200 * FRAME * 4 },
  ]);
  expect(await frames()).toEqual([...times(80, [5, -5]), ...times(70, [0, 0]), ...times(50, [7, -7])]);
});

test('M10: a recording goes on at the right place on the clock of a leg that was opened later', async () => {
  const first = await start({ isResumed: false });
  first.record(0, 20, 5);
  await first.recorder.stop(20 * FRAME);
  const second = await start({ openedAt: STARTED_AT + 1_000, position: 10 * FRAME });
  second.record(10, 20, 7);
  await second.recorder.stop(20 * FRAME);
  expect(await frames()).toEqual([...times(20, [5, -5]), ...times(40, [0, 0]), ...times(10, [7, -7])]);
});

test('M10: a recording that was cut off ends with its call, though that ended before it was gone on with', async () => {
  const first = await start({ isResumed: false });
  first.record(0, 100, 5);
  await first.recorder.stop(100 * FRAME);
  const second = await start({ position: 150 * FRAME });
  await second.recorder.stop(151 * FRAME, 120 * FRAME);
  expect(second.facts.at(-1)).toMatchObject({ durationMs: 2_400, bytes: 44 + 120 * FRAME * 4 });
  expect(await frames()).toEqual([...times(100, [5, -5]), ...times(20, [0, 0])]);
  expect((await readFile(file)).readUInt32LE(40)).toBe(120 * FRAME * 4);
});

test('M10: where nothing is left of a recording it begins with silence, and its clock stays', async () => {
  const { recorder, record, facts } = await start({ position: 30 * FRAME });
  record(30, 60, 7);
  await recorder.stop(60 * FRAME);
  expect(facts[0]).toEqual({ type: 'recording.started', path: file, startedAt: STARTED_AT });
  expect(await frames()).toEqual([...times(30, [0, 0]), ...times(30, [7, -7])]);
});

test('what the file holds beyond the present time is not overwritten', async () => {
  const first = await start({ isResumed: false });
  first.record(0, 40, 5);
  await first.recorder.stop(40 * FRAME);
  const second = await start({ position: 30 * FRAME });
  second.record(30, 60, 7);
  await second.recorder.stop(60 * FRAME);
  expect(await frames()).toEqual([...times(40, [5, -5]), ...times(20, [7, -7])]);
});

test('M10: a thread that stood still for a minute leaves silence of a minute', async () => {
  const { recorder, record, facts } = await start({ isResumed: false });
  record(0, 50, 5);
  record(3_050, 3_100, 7);
  await recorder.stop(3_100 * FRAME);
  expect(facts.map(({ type }) => type)).toEqual(['recording.started', 'recording.stopped']);
  expect(await frames()).toEqual([...times(50, [5, -5]), ...times(3_000, [0, 0]), ...times(50, [7, -7])]);
});
