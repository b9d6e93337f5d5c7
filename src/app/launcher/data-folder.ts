/** The data folder: made when missing, refused when it cannot be used. */
import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LauncherError } from './launcher-error.ts';

/** Raised when an older release could not use what this one writes. */
const FORMAT = 1;

const readFormat = async (path: string): Promise<number> => {
  try {
    return Number(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
};

/** Make the folder usable, or throw `LauncherError` `dataFolder` with the reason in one sentence. */
export const prepareDataFolder = async (dataDirectory: string): Promise<void> => {
  const formatFile = join(dataDirectory, 'format');
  try {
    await mkdir(dataDirectory, { recursive: true });
    await access(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
    const format = await readFormat(formatFile);
    if (format === 0) await writeFile(formatFile, `${FORMAT}\n`);
    if (format <= FORMAT) return;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new LauncherError(
      'dataFolder',
      `The data folder ${dataDirectory} cannot be used (${reason}): give this user the right to write there, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
  throw new LauncherError(
    'dataFolder',
    `The data folder ${dataDirectory} was written by a newer Trunkline: start that version, or set DATA_DIR to another folder.`,
  );
};
