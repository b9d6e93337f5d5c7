import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDeletedFolders } from '#app/deleted-folders.ts';
import { silentLog } from '../../fakes/silent-log.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trunkline-deleted-'));
  for (const id of ['one', 'two', 'three']) await mkdir(join(directory, 'sessions', id), { recursive: true });
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const list = async () => ({
  sessions: (await readdir(join(directory, 'sessions'))).sort(),
  deleted: (await readdir(join(directory, 'deleted'))).sort(),
});

it('folders are moved aside, then removed; calls without a folder are passed over', async () => {
  const folders = createDeletedFolders(directory, silentLog);
  await folders.moveAside(['one', 'absent']);
  expect(await list()).toEqual({ sessions: ['three', 'two'], deleted: ['one'] });
  await folders.remove(['one', 'absent']);
  expect(await list()).toEqual({ sessions: ['three', 'two'], deleted: [] });
});

it('folders come back when the rows stay', async () => {
  const folders = createDeletedFolders(directory, silentLog);
  await folders.moveAside(['one', 'two']);
  await folders.putBack(['one', 'two']);
  expect(await list()).toEqual({ sessions: ['one', 'three', 'two'], deleted: [] });
});

it('after a crash in between, those with a row come back and the others go', async () => {
  await createDeletedFolders(directory, silentLog).moveAside(['one', 'two']);
  const folders = createDeletedFolders(directory, silentLog);
  await folders.settle(async (ids) => ids.filter((id) => id === 'two'));
  expect(await list()).toEqual({ sessions: ['three', 'two'], deleted: [] });
});

it('where nothing was ever deleted there is nothing to settle', async () => {
  const asked: unknown[] = [];
  await createDeletedFolders(directory, silentLog).settle(async (ids) => {
    asked.push(ids);
    return [];
  });
  expect(asked).toEqual([]);
});
