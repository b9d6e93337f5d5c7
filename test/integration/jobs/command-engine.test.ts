import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childEnvironment } from '#config.ts';
import { writeWideCopy } from '#media/wide-copy.ts';
import { createCommandEngine, type CommandEngineOptions } from '#transcription/command-engine.ts';
import { recordingOf } from '../../fakes/post-call-rig.ts';
import { createRecordingLog, silentLog } from '../../fakes/silent-log.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/programs/heard-text.ts', import.meta.url));
const LETTERS = 'Здравейте, Γειά σου, مرحبا بكم, 你好, 👩‍👩‍👧 — “да”';

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('transcription by a program', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trunkline-command-'));
    file = join(folder, 'incoming.wav');
    await writeFile(file, recordingOf([1], 3));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const engineOf = (command: readonly string[], change: Partial<CommandEngineOptions> = {}) =>
    createCommandEngine({
      command: [process.execPath, PROGRAM, ...command],
      timeoutMs: 30_000,
      // A locale that knows no letters but those of English.
      environment: childEnvironment({ LC_ALL: 'C', LANG: 'C' }),
      writeWideCopy,
      log: silentLog,
      ...change,
    });
  const hear = (command: readonly string[], change: Partial<CommandEngineOptions> = {}, signal?: AbortSignal) =>
    engineOf(command, change).transcribe({
      path: file,
      language: 'bg',
      signal: signal ?? new AbortController().signal,
    });

  it('S3: keeps letters of every script byte for byte, whatever the locale', async () => {
    const { segments } = await hear(['say', LETTERS]);

    expect(segments).toEqual([{ startMs: null, text: LETTERS }]);
  });

  it('S3: replaces bytes that are no UTF-8 and goes on', async () => {
    const { segments } = await hear(['bytes']);

    expect(segments).toEqual([{ startMs: null, text: '\uFFFD\uFFFD ok\uFFFD' }]);
  });

  it('S3: tells programs to write UTF-8', async () => {
    const { segments } = await hear([], { command: ['printenv', 'LC_ALL', 'PYTHONIOENCODING'] });

    expect(segments.map(({ text }) => text)).toEqual(['C.UTF-8', 'utf-8:replace']);
  });

  it('puts file and language into arguments, and no shell reads them', async () => {
    const { segments } = await hear(['arguments', '--in={file}', '{language}', '$(id); "{other}" *']);

    expect(JSON.parse(segments[0]?.text ?? '')).toEqual([`--in=${file}`, 'bg', '$(id); "{other}" *']);
  });

  it('reads the times that whisper.cpp writes, and leaves out what is no speech', async () => {
    const output =
      '\n[00:00:01.500 --> 00:00:03.000]   Добър ден.\n[00:01:02.000 --> 00:01:04.000]  [BLANK_AUDIO]\n' +
      '[01:00:00,250 --> 01:00:02,000]  Довиждане.\n';

    const { segments, language } = await hear(['say', output]);

    expect(segments).toEqual([
      { startMs: 1_500, text: 'Добър ден.' },
      { startMs: 3_600_250, text: 'Довиждане.' },
    ]);
    expect(language).toBe('bg');
  });

  it('gives a copy with 16,000 samples a second to programs that want one, and removes it', async () => {
    const copies: string[] = [];
    const { segments } = await hear(['arguments', '{file16k}'], {
      writeWideCopy: async (from, to) => {
        await writeWideCopy(from, to);
        const copy = await readFile(to);
        expect([copy.readUInt32LE(24), copy.length]).toEqual([16_000, 44 + 3 * 32_000]);
        copies.push(to);
      },
    });

    expect(JSON.parse(segments[0]?.text ?? '')).toEqual(copies);
    await expect(readFile(copies[0] ?? '')).rejects.toThrow('ENOENT');
  });

  it('fails when the program does, and tells the operator what it complained of', async () => {
    const { log, lines } = createRecordingLog();

    await expect(hear(['fail'], { log })).rejects.toMatchObject({ code: 'engineFailed', isFinal: false });
    expect(lines.map(({ fields }) => fields)).toEqual([{ exitCode: 3, complaint: 'model file not found' }]);
  });

  it('fails for good when there is no such program', async () => {
    const missing = { command: ['no-such-program-anywhere'] };

    await expect(hear([], missing)).rejects.toMatchObject({ code: 'engineMissing', isFinal: true });
  });

  it('stops a program that writes without end', async () => {
    await expect(hear(['flood'])).rejects.toMatchObject({ code: 'outputTooLong', isFinal: true });
  });

  it.each([
    ['takes too long', 'engineTimeout'],
    ['is not wanted any more', 'stopped'],
  ])('kills a program that %s, with everything it has started', async (_, code) => {
    const pidFile = join(folder, `${code}.json`);
    const aborting = new AbortController();
    const timeoutMs = code === 'stopped' ? 60_000 : 3_000;
    const before = await readdir(tmpdir());

    const heard = hear(['linger', pidFile], { timeoutMs }, aborting.signal);
    const failure = heard.catch((error: unknown) => error);
    const readPids = async () => JSON.parse(await readFile(pidFile, 'utf8')) as number[];
    await expect.poll(readPids).toHaveLength(2);
    const pids = await readPids();
    if (code === 'stopped') aborting.abort();

    expect(await failure).toMatchObject({ code });
    await expect.poll(() => pids.filter(alive)).toEqual([]);
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('transcription-'));
    expect(left.filter((name) => !before.includes(name))).toEqual([]);
  });
});
