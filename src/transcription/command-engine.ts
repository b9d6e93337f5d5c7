/** Transcribes by any program that takes a sound file and writes what it heard. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobError } from '#domain/job.ts';
import type { Log } from '#domain/log.ts';
import type { TranscriptionEngine, TranscriptionTask } from '#domain/transcription-engine.ts';
import { readProgramOutput } from './program-output.ts';
import { runProgram } from './run-program.ts';

export type CommandEngineOptions = {
  /** Program and arguments, with `{file}`, `{file16k}` and `{language}` in them. */
  command: readonly string[];
  timeoutMs: number;
  environment: Readonly<Record<string, string>>;
  /** Writes a copy of a telephone recording with 16,000 samples a second, as most recognisers want it. */
  writeWideCopy: (from: string, to: string) => Promise<void>;
  log: Log;
};

const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const UNKNOWN_LANGUAGE = 'auto';
const PLACEHOLDER = /\{(file|file16k|language)\}/g;

export const createCommandEngine = (options: CommandEngineOptions): TranscriptionEngine => {
  const { command, timeoutMs, environment, writeWideCopy, log } = options;
  const wantsWideCopy = command.some((argument) => argument.includes('{file16k}'));

  const run = async ({ path, language, signal }: TranscriptionTask, folder: string) => {
    const values: Record<string, string> = {
      file: path,
      file16k: join(folder, 'wide.wav'),
      language: language ?? UNKNOWN_LANGUAGE,
    };
    if (wantsWideCopy) await writeWideCopy(path, join(folder, 'wide.wav'));
    const [program = '', ...rest] = command.map((argument) =>
      argument.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole),
    );
    return runProgram({
      program,
      arguments: rest,
      environment,
      timeoutMs,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      signal,
    });
  };

  return {
    method: 'command',
    model: null,
    transcribe: async (task) => {
      const folder = await mkdtemp(join(tmpdir(), 'transcription-'));
      try {
        const { exitCode, output, complaint } = await run(task, folder);
        if (exitCode !== 0) {
          log.warn({ exitCode, complaint }, 'The transcription program failed.');
          throw new JobError('engineFailed', `The transcription program ended with code ${exitCode ?? 'none'}.`);
        }
        return { segments: readProgramOutput(output), language: task.language, confidence: null };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
};
