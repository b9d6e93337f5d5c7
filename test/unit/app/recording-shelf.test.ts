import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRecordingShelf } from '#app/recording-shelf.ts';
import type { CallId } from '#domain/call.ts';
import { wavHeader } from '#media/recording/wav-header.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const CALL = '00000000-0000-4000-8000-000000000001' as CallId;
const startedAt = Date.UTC(2026, 0, 2, 3, 4, 5);

let dataDirectory: string;
let said: unknown[];

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-shelf-'));
  said = [];
});
afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

const createShelf = () =>
  createRecordingShelf({
    dataDirectory,
    log: silentLog,
    recordings: {
      started: async () => {},
      finalising: async () => {},
      published: async (callId, { durationMs }) => void said.push(['published', callId, durationMs]),
      failed: async (callId, { code }) => void said.push(['failed', callId, code]),
      find: async () => null,
    },
  });

const left = (path: string) => ({
  ...{ callId: CALL, path, startedAt, endedAt: startedAt + 2_500 },
  callerNumber: '+359888700001',
  calledNumber: null,
});

it('M10: finishes what another process has left of a recording, as long as its call', async () => {
  const shelf = createShelf();
  const directory = shelf.directoryOf(CALL);
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'recording.partial.wav');
  await writeFile(path, Buffer.concat([wavHeader(0, { channels: 2, sampleRateHz: 8_000 }), Buffer.alloc(32_000)]));
  await shelf.finish(left(path));
  expect(said).toEqual([['published', CALL, 2_500]]);
  expect(await readdir(directory)).toContain('recording.wav');
});

it('M10: says that there is nothing of a recording in its folder', async () => {
  const shelf = createShelf();
  await mkdir(shelf.directoryOf(CALL), { recursive: true });
  await shelf.finish(left(join(shelf.directoryOf(CALL), 'recording.partial.wav')));
  expect(said).toEqual([['failed', CALL, 'ENOENT']]);
});

it('leaves a recording alone of which the folder is on another machine', async () => {
  await createShelf().finish(left('/elsewhere/recording.partial.wav'));
  expect(said).toEqual([]);
});
