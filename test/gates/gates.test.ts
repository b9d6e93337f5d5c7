/** Each gate of `npm run check` is shown to reject a planted fault: a gate that checks nothing is noticed here. */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const bad = join(root, 'test/fixtures/bad');
const CONFIGURATION = ['package.json', 'tsconfig.json', 'oxlint.config.ts', 'knip.json', '.prettierrc.json'];
const directories: string[] = [];

/** A project that has this one's gates and the planted files instead of its sources. */
const projectWith = (fixture: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-gates-'));
  directories.push(directory);
  cpSync(join(bad, fixture), directory, { recursive: true });
  for (const file of CONFIGURATION) cpSync(join(root, file), join(directory, file));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return directory;
};

const run = (cwd: string, program: string, args: string[]) => {
  const entry = join(root, 'node_modules', program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], { cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr, stdout };
};

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

describe('lint', () => {
  const directory = projectWith('lint');
  const files = globSync('{src,test}/**/*.ts', { cwd: directory }).sort();
  const { status, stdout } = run(directory, 'oxlint/bin/oxlint', ['-f', 'json', 'src', 'test']);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };

  test('fails as a whole', () => {
    expect(status).toBe(1);
    expect(files.length).toBeGreaterThan(40);
  });

  test.each(files)('%s is judged as its first line says', (file) => {
    const [, expected] =
      /^\/\/ (?:rejected by (\S+)|accepted)\n/.exec(readFileSync(join(directory, file), 'utf8')) ?? [];
    const found = new Set(diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code));
    expect([...found]).toEqual(expected === undefined ? [] : [expected]);
  });
});

test('the compiler rejects a wrong type, an unchecked index and syntax that cannot be erased', () => {
  const { status, output } = run(projectWith('types'), 'typescript/bin/tsc', ['--pretty', 'false']);
  expect(status).not.toBe(0);
  expect(output).toMatch(/wrong-type\.ts.*TS2322/);
  expect(output).toMatch(/unchecked-index\.ts.*TS2322/);
  expect(output).toMatch(/not-erasable\.ts.*TS1294/);
});

test('the dead-code check rejects an unused export and an unused file', () => {
  const { status, output } = run(projectWith('unused'), 'knip/bin/knip.js', ['--include', 'files,exports']);
  expect(status).not.toBe(0);
  expect(output).toContain('unusedExport');
  expect(output).toContain('unused-file.ts');
});

test('the format check rejects a badly formatted file', () => {
  const { status, output } = run(projectWith('format'), 'prettier/bin/prettier.cjs', ['--check', 'src']);
  expect(status).not.toBe(0);
  expect(output).toContain('badly-formatted.ts');
});
