/** The worked example of docs/transcription.md, with the program of Debian's packages. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { childEnvironment, loadConfig } from '#config.ts';
import { decodeWave } from '#domain/wave.ts';
import { wavHeader } from '#media/recording/wav-header.ts';
import { writeWideCopy } from '#media/wide-copy.ts';
import { createCommandEngine } from '#transcription/command-engine.ts';
import { silentLog } from '../fakes/silent-log.ts';

const CLIP = new URL('../../src/gemini/rehearsal/clips/en/question-1.wav', import.meta.url);
const DOCS = new URL('../../docs/transcription.md', import.meta.url);
const isInstalled = spawnSync('pocketsphinx_continuous', ['-help']).error === undefined;

/** As a recording has it: 8 kHz. */
const asRecording = (bytes: Uint8Array): Buffer => {
  const { pcm, sampleRateHz } = decodeWave(bytes);
  const step = sampleRateHz / 8_000;
  const narrow = Int16Array.from({ length: Math.floor(pcm.length / step) }, (_, n) => pcm[Math.floor(n * step)] ?? 0);
  return Buffer.concat([
    wavHeader(narrow.byteLength, { channels: 1, sampleRateHz: 8_000 }),
    new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength),
  ]);
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-pocketsphinx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the example of the documentation hears words in a recording, where its program is installed', async () => {
  const example = /TRANSCRIPTION_COMMAND=(\["pocketsphinx[^\n]+)/.exec(await readFile(DOCS, 'utf8'))?.[1] ?? '';
  const { command } = loadConfig({ TRANSCRIPTION_COMMAND: example }, { envFile: '/nonexistent' }).postCall;
  expect(command?.[0]).toBe('pocketsphinx_continuous');
  if (!isInstalled) return;
  const path = join(folder, 'incoming.wav');
  await writeFile(path, asRecording(await readFile(CLIP)));
  const engine = createCommandEngine({
    command: command ?? [],
    timeoutMs: 120_000,
    environment: childEnvironment({ LC_ALL: 'C' }),
    writeWideCopy,
    log: silentLog,
  });

  const heard = await engine.transcribe({ path, language: 'en', signal: new AbortController().signal });

  const text = heard.segments.map((segment) => segment.text).join(' ');
  expect(text.split(' ').length).toBeGreaterThan(2);
  expect(text).toMatch(/^[a-z' ()]+$/);
});
