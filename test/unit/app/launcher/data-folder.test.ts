import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareDataFolder } from '#app/launcher/data-folder.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'trunkline-data-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

test('a missing folder is made and can be used again', async () => {
  const folder = join(parent, 'a', 'b');
  await prepareDataFolder(folder);
  await prepareDataFolder(folder);
  expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('1\n');
});

test('a folder written by a newer version is refused in one sentence', async () => {
  writeFileSync(join(parent, 'format'), '2\n');
  await expect(prepareDataFolder(parent)).rejects.toThrow(
    `The data folder ${parent} was written by a newer Trunkline: start that version, or set DATA_DIR to another folder.`,
  );
});

test('a folder that cannot be made is refused with the reason and the remedy', async () => {
  const file = join(parent, 'file');
  writeFileSync(file, '');
  await expect(prepareDataFolder(join(file, 'data'))).rejects.toThrow(
    /^The data folder \S+ cannot be used \(ENOTDIR\): give this user the right to write there, or set DATA_DIR to another folder\.$/,
  );
});
