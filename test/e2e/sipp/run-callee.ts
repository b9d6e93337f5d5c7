/** SIPp as a callee: one scenario, so many calls, on a port of its own. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';

export type SippCalleeOptions = {
  scenario: 'uas-refuse' | 'uas-answer' | 'uas-answer-late' | 'uas-ring-out';
  calls: number;
  rings: boolean;
  /** Final response of `uas-refuse`. */
  status?: number;
  /** A further header of it. */
  header?: string;
};

export type SippCallee = {
  port: number;
  /** After its last call; `errors` is what it did not expect. */
  finished: Promise<{ exitCode: number | null; errors: string }>;
  stop(): Promise<void>;
};

const RINGING = `<send>
    <![CDATA[

      SIP/2.0 180 Ringing
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]callee[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:callee@[local_ip]:[local_port]>
      Content-Length: 0

    ]]>
  </send>`;

/** Asked of the system: to bind the port ourselves would be in its way. */
const isBound = async (port: number): Promise<boolean> => {
  const sockets = await readFile('/proc/net/udp', 'utf8');
  return sockets.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
};

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

export const startSippCallee = async (options: SippCalleeOptions): Promise<SippCallee> => {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-callee-'));
  const source = await readFile(join(import.meta.dirname, `${options.scenario}.xml`), 'utf8');
  const text = source
    .replace('RINGING', options.rings ? RINGING : '')
    .replace('STATUS', String(options.status ?? 486))
    .replace('EXTRA', options.header ?? 'X-Extra: none');
  const scenario = join(folder, 'scenario.xml');
  const errorFile = join(folder, 'errors.log');
  await writeFile(scenario, text);
  const port = await freePort();
  const sipp = spawn(
    'sipp',
    [
      ...['-sf', scenario, '-i', '127.0.0.1', '-p', String(port), '-t', 'u1', '-m', String(options.calls)],
      ...['-timeout', '100s', '-timeout_error', '-nostdin', '-trace_err', '-error_file', errorFile],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder },
  );
  const complaint = readAll(sipp.stderr);
  const finished = (async () => {
    const [exitCode] = (await once(sipp, 'exit')) as [number | null];
    const logged = await readFile(errorFile, 'utf8').catch(() => '');
    await rm(folder, { recursive: true, force: true });
    return { exitCode, errors: `${await complaint}${logged}` };
  })();
  while (sipp.exitCode === null && !(await isBound(port))) await new Promise((resolve) => setImmediate(resolve));
  return {
    port,
    finished,
    stop: async () => {
      sipp.kill('SIGTERM');
      await finished;
    },
  };
};
