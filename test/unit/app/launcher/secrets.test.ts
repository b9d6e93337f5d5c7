import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets } from '#app/launcher/secrets.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trunkline-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('secrets are made once and are the same at the next start', async () => {
  const first = await loadSecrets(directory);
  expect(await loadSecrets(directory)).toEqual(first);
  expect(new Set(Object.values(first)).size).toBe(3);
  expect(first.jwtSecret.length).toBeGreaterThanOrEqual(32);
});

test('only their owner may read them', async () => {
  await loadSecrets(directory);
  // Windows knows no such rights; there the folder's own apply.
  const expected = process.platform === 'win32' ? 0o666 : 0o600;
  expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(expected);
});

test.each(['', '{', '[]', 'null', '{"apiToken":"x"}'])(
  'a file that holds %j is refused and left alone',
  async (text) => {
    const path = join(directory, 'secrets.json');
    writeFileSync(path, text);
    await expect(loadSecrets(directory)).rejects.toMatchObject({
      code: 'dataFolder',
      message: `${path} does not hold the three secrets: delete it to have new ones made.`,
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);
