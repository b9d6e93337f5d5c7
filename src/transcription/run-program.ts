/** Runs a program without a shell, within bounds of time and output, and leaves nothing of it behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import { JobError } from '#domain/job.ts';

export type ProgramRun = {
  program: string;
  arguments: readonly string[];
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
  maxOutputBytes: number;
  signal: AbortSignal;
};

export type ProgramResult = {
  exitCode: number | null;
  /** UTF-8, whatever the locale; what is no UTF-8 becomes U+FFFD. */
  output: string;
  /** The end of what it wrote to its standard error. */
  complaint: string;
};

const COMPLAINT_BYTES = 2_000;
const hasProcessGroups = process.platform !== 'win32';

/** Of every language that programs of this kind are written in, so that no locale decides about letters. */
const UTF8 = { LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8', PYTHONUTF8: '1', PYTHONIOENCODING: 'utf-8:replace' };

const killAll = (child: ChildProcess) => {
  if (child.pid === undefined) return;
  try {
    if (hasProcessGroups) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const missing = (program: string, cause: unknown) =>
  new JobError(
    'engineMissing',
    `The transcription program ${program} cannot be started; check TRANSCRIPTION_COMMAND.`,
    {
      cause,
      isFinal: true,
    },
  );

/** Rejects with `JobError` when it cannot be started, takes too long, writes too much, or is aborted. */
export const runProgram = (run: ProgramRun): Promise<ProgramResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(run.program, [...run.arguments], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...run.environment, ...UTF8 },
      detached: hasProcessGroups,
      windowsHide: true,
    });
    const output: Buffer[] = [];
    let outputBytes = 0;
    let complaint = Buffer.alloc(0);
    let fault: JobError | null = null;

    const stop = (reason: JobError) => {
      fault ??= reason;
      killAll(child);
    };
    const onAbort = () => stop(new JobError('stopped', 'The transcription was stopped before its end.'));
    const timer = setTimeout(
      () =>
        stop(new JobError('engineTimeout', `The transcription program took longer than ${run.timeoutMs / 1_000} s.`)),
      run.timeoutMs,
    );
    const tidyUp = () => {
      clearTimeout(timer);
      run.signal.removeEventListener('abort', onAbort);
    };

    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes <= run.maxOutputBytes) output.push(chunk);
      else stop(new JobError('outputTooLong', 'The transcription program wrote too much.', { isFinal: true }));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = Buffer.concat([complaint, chunk]).subarray(-COMPLAINT_BYTES);
    });
    // What it has started may live on and hold the pipes open.
    child.on('exit', () => killAll(child));
    child.on('error', (error) => {
      tidyUp();
      reject(missing(run.program, error));
    });
    child.on('close', (exitCode) => {
      tidyUp();
      if (fault) return reject(fault);
      resolve({
        exitCode,
        output: new TextDecoder().decode(Buffer.concat(output)),
        complaint: new TextDecoder().decode(complaint),
      });
    });
    run.signal.addEventListener('abort', onAbort);
    if (run.signal.aborted) onAbort();
  });
