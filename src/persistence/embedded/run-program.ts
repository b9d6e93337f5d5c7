/** Runs a short-lived program to its end. */
import { spawn } from 'node:child_process';

export type ProgramResult = { exitCode: number; output: string };

/** What the programs of Postgres see: no variable of ours (keys, tokens) reaches them. libuv adds what Windows needs. */
export const PROGRAM_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

/** Resolves with the exit code (127 when it could not be started) and everything printed; never rejects. */
export const runProgram = (command: readonly string[], input = ''): Promise<ProgramResult> =>
  new Promise((resolve) => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { env: PROGRAM_ENVIRONMENT, stdio: 'pipe', windowsHide: true });
    let output = '';
    const collect = (chunk: string) => void (output += chunk);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ exitCode: 127, output: error.message }));
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
    // A program that exits without reading its input is no fault of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
