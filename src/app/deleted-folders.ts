/**
 * Folders of calls that are being deleted. They are moved aside before their rows go, so that nobody adopts them in
 * between, and come back when the rows stay after all.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#domain/log.ts';

export type DeletedFolders = {
  /** Those without a folder are passed over. */
  moveAside(callIds: readonly string[]): Promise<void>;
  /** The rows are still there. */
  putBack(callIds: readonly string[]): Promise<void>;
  /** The rows are gone. What cannot be removed now is removed at the next start. */
  remove(callIds: readonly string[]): Promise<void>;
  /** After a crash in between: what has a row comes back, the rest goes. */
  settle(withRow: (callIds: readonly string[]) => Promise<readonly string[]>): Promise<void>;
};

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const move = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

const namesIn = async (directory: string): Promise<string[]> => {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

export const createDeletedFolders = (dataDirectory: string, log: Log): DeletedFolders => {
  const sessions = join(dataDirectory, 'sessions');
  const aside = join(dataDirectory, 'deleted');

  const putBack = async (callIds: readonly string[]) => {
    for (const id of callIds) await move(join(aside, id), join(sessions, id));
  };

  const remove = async (callIds: readonly string[]) => {
    for (const id of callIds) {
      await rm(join(aside, id), { recursive: true, force: true }).catch((error: unknown) =>
        log.warn({ callId: id, error: String(error) }, 'The recording of a deleted call is still on the disk.'),
      );
    }
  };

  return {
    moveAside: async (callIds) => {
      await mkdir(aside, { recursive: true });
      try {
        for (const id of callIds) await move(join(sessions, id), join(aside, id));
      } catch (error) {
        await putBack(callIds);
        throw error;
      }
    },
    putBack,
    remove,
    settle: async (withRow) => {
      const left = await namesIn(aside);
      if (left.length === 0) return;
      const kept = new Set(await withRow(left));
      await putBack([...kept]);
      await remove(left.filter((id) => !kept.has(id)));
    },
  };
};
