import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startSystem, type System, type SystemOptions } from '#app/launcher/start-system.ts';
import { STUB_PROGRAMS, stubEnvironment } from '../../fixtures/stubs/programs.ts';

let directory = '';
let system: System | null = null;
let lines: string[] = [];
let logs: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trunkline-launcher-'));
  [system, lines, logs] = [null, [], []];
});

afterEach(async () => {
  await system?.stop();
  rmSync(directory, { recursive: true });
});

const start = async (env: Record<string, string> = {}, options: SystemOptions = {}): Promise<System> => {
  system = await startSystem({
    env: { ...stubEnvironment(directory), ...env },
    envFile: join(directory, 'absent.env'),
    programs: STUB_PROGRAMS,
    onLine: (line) => lines.push(line),
    onLog: (part, line) => logs.push(`${part} ${line}`),
    ...options,
  });
  return system;
};

/** What the stub at this address was given. */
const settingsAt = async (address: string): Promise<Record<string, string>> => {
  const socket = createConnection(Number(new URL(address).port), '127.0.0.1');
  return JSON.parse(await text(socket)) as Record<string, string>;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const pids = () => logs.flatMap((line) => /pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);

test('the application is given the addresses and secrets of the parts that were started for it', async () => {
  const { addresses, apiToken } = await start();
  const given = await settingsAt(addresses.http);
  expect(given).toMatchObject({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    DRACHTIO_HOST: '127.0.0.1',
    DRACHTIO_PORT: String(addresses.control.port),
    GEMINI_BASE_URL: addresses.rehearsal,
    API_TOKEN: apiToken,
    DATA_DIR: directory,
  });
  const atSipServer = await settingsAt(`http://127.0.0.1:${addresses.control.port}`);
  expect(atSipServer['DRACHTIO_SECRET']).toBe(given['DRACHTIO_SECRET']);
  expect(given['DRACHTIO_SECRET']).not.toBe('');
  expect(addresses.sip).toEqual([{ protocol: 'udp', host: '127.0.0.1', port: 5099 }]);
});

test('one line a part says where it is and why it is embedded or external', async () => {
  const { addresses } = await start();
  expect(lines).toEqual([
    'Postgres       external (DATABASE_URL)',
    `SIP server     udp:127.0.0.1:5099, control 127.0.0.1:${addresses.control.port}  embedded: DRACHTIO_HOST is not set`,
    `model server   ${addresses.rehearsal}  rehearsal: neither GEMINI_API_KEY nor GEMINI_BASE_URL is set`,
    `application    ${addresses.http}  data in ${directory}`,
  ]);
});

test('parts that have an address are not started', async () => {
  const env = {
    DRACHTIO_HOST: 'sip.internal',
    DRACHTIO_PORT: '9022',
    DRACHTIO_SECRET: 'theirs',
    GEMINI_API_KEY: 'key',
  };
  const { addresses } = await start(env);
  expect(pids()).toHaveLength(1);
  expect(addresses).toMatchObject({ sip: [], rehearsal: null, control: { host: 'sip.internal', port: 9022 } });
  expect(await settingsAt(addresses.http)).toMatchObject({ ...env, GEMINI_BASE_URL: '' });
});

test('an application that is killed comes back at the same address with the same token', async () => {
  const running = await start();
  const { applicationPid } = running;
  const before = await settingsAt(running.addresses.http);
  process.kill(applicationPid ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(lines.at(-1)).toBe('application runs again'), 10_000);
  expect(lines).toContain('application ended (signal SIGKILL); starting it again in 0.25 s');
  expect(running.applicationPid).not.toBe(applicationPid);
  const after = await settingsAt(running.addresses.http);
  expect(after['API_TOKEN']).toBe(before['API_TOKEN']);
});

test('the SIP server comes back at the address that the application knows', async () => {
  const { addresses } = await start();
  const [sipServerPid] = pids();
  process.kill(sipServerPid ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(lines.at(-1)).toBe('SIP server runs again'), 10_000);
  const given = await settingsAt(`http://127.0.0.1:${addresses.control.port}`);
  expect(given['SIP_LISTEN']).toBe('udp:127.0.0.1:5099');
});

test('stopping ends the application first, then the others, and leaves nothing running', async () => {
  await start();
  const running = pids();
  await system?.stop();
  expect(logs.filter((line) => line.endsWith('told to end'))).toEqual([
    'application told to end',
    'rehearsal told to end',
    'sipServer told to end',
  ]);
  expect([running.length, ...running.filter(isAlive)]).toEqual([3]);
});

test('a part that does not end by itself is ended by force', async () => {
  await start({ STUB_FAULT: 'REHEARSAL_PORT:deaf' });
  const running = pids();
  await system?.stop();
  expect(running.filter(isAlive)).toEqual([]);
});

test('a part that refuses to start ends the start with its own words, and what ran before is ended', async () => {
  const starting = start({ STUB_FAULT: 'HTTP_PORT:refuses' });
  await expect(starting).rejects.toThrow('The application did not start: The stub refuses to start.');
  expect(pids()).toHaveLength(2);
  expect(pids().filter(isAlive)).toEqual([]);
});

test('a start that is aborted ends what it had started', async () => {
  const stopping = new AbortController();
  const onLog: SystemOptions['onLog'] = (part, line) => {
    logs.push(`${part} ${line}`);
    if (part === 'application') stopping.abort();
  };
  await expect(start({ STUB_FAULT: 'HTTP_PORT:silent' }, { signal: stopping.signal, onLog })).rejects.toMatchObject({
    code: 'stopped',
  });
  expect(pids()).toHaveLength(3);
  expect(pids().filter(isAlive)).toEqual([]);
});

test('a port in use is refused before anything is started', async () => {
  await using server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(start({ HTTP_PORT: String(port) })).rejects.toThrow(
    `The HTTP API cannot listen on tcp 127.0.0.1:${port}, because another program uses it: free it, or set HTTP_PORT to another one.`,
  );
  expect(logs).toEqual([]);
});

test('a launcher that is killed takes its programs with it', async () => {
  const program = join(import.meta.dirname, '../../fixtures/stubs/launcher.stub.ts');
  const launcher = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: launcher.stdout })) {
    if (line === 'started') break;
    logs.push(line);
  }
  expect(pids()).toHaveLength(3);
  launcher.kill('SIGKILL');
  await vi.waitFor(() => expect(pids().filter(isAlive)).toEqual([]), 10_000);
});
