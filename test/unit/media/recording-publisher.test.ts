import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishRecording } from '#media/recording-publisher.ts';
import { wavHeader } from '#media/recording/wav-header.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-publish-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const startedAt = Date.UTC(2025, 11, 1, 12, 4, 23, 500);
const STEREO = { channels: 2, sampleRateHz: 8_000 } as const;

const partial = async (samples: number, header: Buffer, tail = Buffer.alloc(0)): Promise<string> => {
  const data = Buffer.alloc(samples * 4);
  for (let index = 0; index < samples; index += 1) {
    data.writeInt16LE(30_000, index * 4);
    data.writeInt16LE(index % 2 === 0 ? 10_000 : -10_000, index * 4 + 2);
  }
  const file = path.join(directory, 'recording.partial.wav');
  await writeFile(file, Buffer.concat([header, data, tail]));
  return file;
};

const samplesOf = (file: Buffer): number[] => [
  file.readInt16LE(44),
  file.readInt16LE(46),
  file.readInt16LE(file.length - 2),
];

test('a recording becomes one stereo file, three mono files and its session info', async () => {
  const partialPath = await partial(40_000, wavHeader(160_000, STEREO));
  const published = await publishRecording({
    directory,
    partialPath,
    startedAt,
    sessionInfo: { session_id: 'abc', caller_id: '+359' },
  });
  const final = await readFile(path.join(directory, 'recording.wav'));
  expect(published).toEqual({
    files: {
      mixed: { filename: 'mixed_20251201_120423.wav', bytes: 80_044 },
      incoming: { filename: 'incoming_20251201_120423.wav', bytes: 80_044 },
      outgoing: { filename: 'outgoing_20251201_120423.wav', bytes: 80_044 },
    },
    durationMs: 5_000,
    sha256: createHash('sha256').update(final).digest('hex'),
  });
  expect((await readdir(directory)).toSorted()).toEqual([
    'incoming_20251201_120423.wav',
    'mixed_20251201_120423.wav',
    'outgoing_20251201_120423.wav',
    'recording.wav',
    'session_info.json',
  ]);
  const read = (name: string) => readFile(path.join(directory, name));
  expect(samplesOf(await read('incoming_20251201_120423.wav'))).toEqual([30_000, 30_000, 30_000]);
  expect(samplesOf(await read('outgoing_20251201_120423.wav'))).toEqual([10_000, -10_000, -10_000]);
  expect(samplesOf(await read('mixed_20251201_120423.wav'))).toEqual([32_767, 20_000, 20_000]);
  expect((await read('mixed_20251201_120423.wav')).subarray(0, 44)).toEqual(
    wavHeader(80_000, { channels: 1, sampleRateHz: 8_000 }),
  );
  expect(JSON.parse(await readFile(path.join(directory, 'session_info.json'), 'utf8'))).toEqual({
    session_id: 'abc',
    owner_id: null,
    lead_id: null,
    campaign_id: null,
    caller_id: '+359',
    called_number: null,
    start_time: '2025-12-01T12:04:23.500Z',
    end_time: '2025-12-01T12:04:28.500Z',
    duration_seconds: 5,
    files: {
      mixed: 'mixed_20251201_120423.wav',
      incoming: 'incoming_20251201_120423.wav',
      outgoing: 'outgoing_20251201_120423.wav',
    },
  });
});

test('M10: a header that a crash left behind is repaired from the size of the file', async () => {
  const partialPath = await partial(8_000, wavHeader(0, STEREO), Buffer.from([1, 2, 3]));
  const { durationMs } = await publishRecording({
    directory,
    partialPath,
    startedAt,
    sessionInfo: { session_id: 'abc' },
  });
  const final = await readFile(path.join(directory, 'recording.wav'));
  expect(durationMs).toBe(1_000);
  expect(final.length).toBe(32_044);
  expect(final.subarray(0, 44)).toEqual(wavHeader(32_000, STEREO));
});

test.each([
  ['empty', Buffer.alloc(0), 0],
  ['cut off in its header', Buffer.from('RIFF'), 0],
  ['of zeros where its header was', Buffer.alloc(44 + 32_000), 1_000],
])('M10: a recording that is %s is published all the same', async (_, content, durationMs) => {
  const partialPath = path.join(directory, 'recording.partial.wav');
  await writeFile(partialPath, content);
  const published = await publishRecording({ directory, partialPath, startedAt, sessionInfo: { session_id: 'abc' } });
  const final = await readFile(path.join(directory, 'recording.wav'));
  expect([published.durationMs, final.subarray(0, 44)]).toEqual([durationMs, wavHeader(durationMs * 32, STEREO)]);
});

test.each([
  ['as long as its call', 2_500, 2_500],
  ['not cut because its call ended earlier', 500, 1_000],
  ['not filled for hours', 3 * 3_600_000, 1_000 + 600_000],
])('M10: a recording that was cut off is %s', async (_, endedAfterMs, durationMs) => {
  const partialPath = await partial(8_000, wavHeader(0, STEREO));
  const published = await publishRecording({
    directory,
    partialPath,
    startedAt,
    endedAt: startedAt + endedAfterMs,
    sessionInfo: { session_id: 'abc' },
  });
  const final = await readFile(path.join(directory, 'recording.wav'));
  expect(published.durationMs).toBe(durationMs);
  expect(final.length).toBe(44 + durationMs * 32);
  expect(final.subarray(44 + 32_000).every((octet) => octet === 0)).toBe(true);
});

test('M10: publishing that was cut off at any point is done again, to the same result', async () => {
  const partialPath = await partial(8_000, wavHeader(0, STEREO));
  const request = { directory, partialPath, startedAt, sessionInfo: { session_id: 'abc' } };
  await writeFile(path.join(directory, 'mixed_20251201_120423.wav.tmp'), 'half');
  await writeFile(path.join(directory, 'session_info.json.tmp'), '{');
  const published = await publishRecording(request);
  await rm(path.join(directory, 'session_info.json'));
  await rm(path.join(directory, 'incoming_20251201_120423.wav'));
  expect(await publishRecording(request)).toEqual(published);
  expect((await readdir(directory)).toSorted()).toEqual([
    'incoming_20251201_120423.wav',
    'mixed_20251201_120423.wav',
    'outgoing_20251201_120423.wav',
    'recording.wav',
    'session_info.json',
  ]);
});

test('a recording that was gone on with after it was published leaves the earlier one in its folder', async () => {
  const request = { directory, startedAt, sessionInfo: { session_id: 'abc' } };
  await publishRecording({ ...request, partialPath: await partial(800, wavHeader(3_200, STEREO)) });
  const { durationMs } = await publishRecording({
    ...request,
    partialPath: await partial(1_600, wavHeader(6_400, STEREO)),
  });
  const earlier = (await readdir(directory)).filter((name) => /^recording\.earlier-\d+\.wav$/.test(name));
  expect([durationMs, earlier.length]).toEqual([200, 1]);
  expect((await readFile(path.join(directory, earlier[0]!))).length).toBe(44 + 3_200);
});

test('publishing again after it was done gives the same result', async () => {
  const partialPath = await partial(8_000, wavHeader(32_000, STEREO));
  const request = { directory, partialPath, startedAt, sessionInfo: { session_id: 'abc' } };
  expect(await publishRecording(request)).toEqual(await publishRecording(request));
});

test('a recording that is not there is told with the code of the system', async () => {
  const request = {
    directory,
    partialPath: path.join(directory, 'none.wav'),
    startedAt,
    sessionInfo: { session_id: 'abc' },
  };
  await expect(publishRecording(request)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readdir(directory)).toEqual([]);
});
