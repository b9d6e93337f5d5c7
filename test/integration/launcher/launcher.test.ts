import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { childEnvironment } from '#config.ts';
import { stubEnvironment } from '../../fixtures/stubs/programs.ts';

const program = join(import.meta.dirname, '../../../src/launcher.ts');
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trunkline-start-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const launch = (changes: Record<string, string>) =>
  spawn(process.execPath, [program], {
    env: childEnvironment({ ...stubEnvironment(join(directory, 'data')), LOG_LEVEL: 'warn', ...changes }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** How a start that must fail ended. */
const failedStart = async (changes: Record<string, string>) => {
  const launcher = launch(changes);
  const [said, stdout, [code]] = await Promise.all([
    text(launcher.stderr),
    text(launcher.stdout),
    once(launcher, 'exit') as Promise<[number]>,
  ]);
  return { code, said, stdout };
};

test('the real parts start, answer with the printed token, and one Ctrl-C, delivered twice, ends them with exit 0', async () => {
  const launcher = launch({ DATABASE_URL: '' });
  launcher.stderr.resume();
  const ended = once(launcher, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: launcher.stdout })) {
    lines.push(line);
    const token = /^API token\s+(\S+)$/.exec(line)?.[1];
    if (token !== undefined) {
      const url = lines.flatMap((said) => /^application\s+(\S+)/.exec(said)?.[1] ?? []).at(0);
      const calls = await fetch(`${url}/api/v1/calls`, { headers: { authorization: `Bearer ${token}` } });
      expect(calls.status).toBe(200);
      launcher.kill('SIGINT');
      launcher.kill('SIGINT');
    }
  }
  expect(await ended).toEqual([0, null]);
  const beginnings = [
    ...['Postgres', 'SIP server', 'model server', 'application', 'first account', 'console', 'API token'],
    ...['stopping', 'stopped'],
  ];
  // The console may have been built meanwhile, and says so.
  expect(lines.filter((line) => !/^console\s+(?!http)\S/.test(line))).toEqual(
    beginnings.map((beginning) => expect.stringMatching(`^${beginning}`)),
  );
});

test('a wrong setting ends the start with one sentence and exit 1', async () => {
  expect(await failedStart({ HTTP_PORT: 'http' })).toEqual({
    code: 1,
    said: 'HTTP_PORT is "http", but it is not a whole number; allowed: a port from 0 (any free port) to 65535.\n',
    stdout: '',
  });
});

test('a data folder that cannot be made ends the start with one sentence and exit 1', async () => {
  writeFileSync(join(directory, 'file'), '');
  const { code, said } = await failedStart({ DATA_DIR: join(directory, 'file', 'data') });
  expect(said).toMatch(/^The data folder \S+ cannot be used \(ENOTDIR\): .*\.\n$/);
  expect(code).toBe(1);
});

test('a cluster of a newer Postgres ends the start with one sentence and exit 1', async () => {
  const cluster = join(directory, 'data', 'postgres');
  mkdirSync(cluster, { recursive: true });
  writeFileSync(join(cluster, 'PG_VERSION'), '99\n');
  const { code, said } = await failedStart({ DATABASE_URL: '' });
  expect(said).toMatch(
    /^The data folder \S+ was made by Postgres 99 and cannot be used by the embedded Postgres .*\.\n$/,
  );
  expect(code).toBe(1);
});
