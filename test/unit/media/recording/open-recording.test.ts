import { closeSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecording } from '#media/recording/open-recording.ts';
import { wavHeader } from '#media/recording/wav-header.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-open-'));
  file = path.join(directory, 'recording.partial.wav');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const STEREO = { channels: 2, sampleRateHz: 8_000 } as const;
const AUDIO = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
const whole = (dataBytes: number, audio: Buffer): Buffer => Buffer.concat([wavHeader(dataBytes, STEREO), audio]);

const open = async (leastBytes: number, isResumed: boolean): Promise<number> => {
  const { fd, dataBytes } = await openRecording(file, { leastBytes, isResumed });
  closeSync(fd);
  return dataBytes;
};

test.each([true, false])('a file that is not there begins with silence (resumed: %s)', async (isResumed) => {
  file = path.join(directory, 'below', 'recording.partial.wav');
  expect(await open(12, isResumed)).toBe(12);
  expect(await readFile(file)).toEqual(whole(12, Buffer.alloc(12)));
});

test('M10: what was cut off stays, its header is repaired, and silence fills it up', async () => {
  await writeFile(file, Buffer.concat([whole(0, AUDIO), Buffer.from([9, 9, 9])]));
  expect(await open(20, true)).toBe(20);
  expect(await readFile(file)).toEqual(whole(20, Buffer.concat([AUDIO, Buffer.alloc(12)])));
  expect(await readdir(directory)).toEqual(['recording.partial.wav']);
});

test('M10: a header that tells more than there is harms nothing', async () => {
  await writeFile(file, whole(4_000_000, AUDIO));
  expect(await open(0, true)).toBe(8);
  expect(await readFile(file)).toEqual(whole(8, AUDIO));
});

test('M10: a file that is longer than the time that has passed keeps all of it', async () => {
  await writeFile(file, whole(8, AUDIO));
  expect(await open(4, true)).toBe(8);
  expect(await readFile(file)).toEqual(whole(8, AUDIO));
});

test.each([
  ['too short for a header', Buffer.from('RIFF')],
  ['no recording', Buffer.alloc(100, 7)],
  ['of another format', Buffer.concat([wavHeader(8, { channels: 1, sampleRateHz: 8_000 }), AUDIO])],
])('M10: a file that is %s is set aside, and a new one begins with silence', async (_, content) => {
  await writeFile(file, content);
  expect(await open(8, true)).toBe(8);
  expect(await readFile(file)).toEqual(whole(8, Buffer.alloc(8)));
  const [earlier, ...others] = (await readdir(directory)).toSorted();
  expect([earlier, others]).toEqual([
    expect.stringMatching(/^recording\.earlier-\d+\.wav$/),
    ['recording.partial.wav'],
  ]);
  expect(await readFile(path.join(directory, earlier!))).toEqual(content);
});

test('M10: a recording that is begun anew never overwrites what is there', async () => {
  await writeFile(file, whole(8, AUDIO));
  expect(await open(0, false)).toBe(0);
  const [earlier] = (await readdir(directory)).toSorted();
  expect(await readFile(path.join(directory, earlier!))).toEqual(whole(8, AUDIO));
});

test('what cannot be opened is told with the code of the system', async () => {
  await writeFile(file, '');
  file = path.join(file, 'recording.partial.wav');
  await expect(open(0, true)).rejects.toMatchObject({ code: 'ENOTDIR' });
});
