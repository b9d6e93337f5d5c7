/** Runs one SIPp scenario against an address and reads its statistics. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';

export type SippRun = {
  scenario: string;
  target: { host: string; port: number };
  transport: 'udp' | 'tcp';
  calls: number;
  callsPerSecond: number;
  /** Capture file that the scenario plays. */
  audioFile?: string;
};

export type SippResult = {
  exitCode: number | null;
  successful: number;
  failed: number;
  retransmissions: number;
  unexpected: number;
  /** What SIPp wrote about errors; empty is good. */
  errors: string;
};

const CALLED_NUMBER = '+359888000002';
const TIMEOUT = '100s';

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

/** The last line of the semicolon-separated statistics, by column name. */
const readStatistics = async (file: string): Promise<(column: string) => number> => {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const values = lines.at(-1)?.split(';') ?? [];
  return (column) => {
    const index = names.indexOf(column);
    if (index < 0) throw new Error(`SIPp wrote no column ${column}`);
    return Number(values[index]);
  };
};

const readIfThere = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

export const runSipp = async (run: SippRun): Promise<SippResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-sipp-'));
  try {
    const source = await readFile(join(import.meta.dirname, `${run.scenario}.xml`), 'utf8');
    const scenario = join(folder, 'scenario.xml');
    const repeatedStatus = run.transport === 'udp' ? '200' : '481';
    const text = source.replace('AUDIO_FILE', run.audioFile ?? '').replace('REPEATED_STATUS', repeatedStatus);
    await writeFile(scenario, text);
    const [statistics, errors] = [join(folder, 'statistics.csv'), join(folder, 'errors.log')];
    const port = await freePort();
    const sipp = spawn(
      'sipp',
      [
        `${run.target.host}:${run.target.port}`,
        ...['-sf', scenario, '-s', CALLED_NUMBER, '-i', '127.0.0.1', '-p', String(port)],
        ...['-t', run.transport === 'udp' ? 'u1' : 't1', '-m', String(run.calls), '-r', String(run.callsPerSecond)],
        ...['-timeout', TIMEOUT, '-timeout_error', '-nostdin', '-trace_stat', '-stf', statistics, '-fd', '1'],
        ...['-trace_err', '-error_file', errors],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder },
    );
    const complaint = readAll(sipp.stderr);
    const [exitCode] = (await once(sipp, 'exit')) as [number | null];
    const valueOf = await readStatistics(statistics);
    return {
      exitCode,
      successful: valueOf('SuccessfulCall(C)'),
      failed: valueOf('FailedCall(C)'),
      retransmissions: valueOf('Retransmissions(C)'),
      unexpected: valueOf('FailedUnexpectedMessage(C)'),
      errors: `${await complaint}${await readIfThere(errors)}`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
