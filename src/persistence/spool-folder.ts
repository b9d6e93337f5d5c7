/** A folder for the spool of one process: two that run side by side on one data folder must not read each other's. */
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#domain/log.ts';
import { identifyProcess, isGone, isSameHost, type ProcessIdentity } from './process-identity.ts';
import { segmentNumber } from './spool-segment.ts';

export type SpoolFolderOptions = {
  /** The first one; others have a number behind its name. */
  directory: string;
  log: Log;
  /** Of this process; others in tests. */
  identity?: ProcessIdentity;
  touchMs?: number;
};

export type SpoolFolder = AsyncDisposable & { path: string };

const OWNER = 'owner';
const MOST = 16;
const TOUCH_MS = 2_000;
/** Owners elsewhere, such as in another container, are told by what they do: nothing for so many touches is death. */
const TOUCHES_MISSED = 3;

const isIdentity = (value: unknown): value is ProcessIdentity =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'pid') === 'number';

/** Null when there is none, or none that can be read. */
const ownerOf = async (path: string): Promise<ProcessIdentity | null> => {
  try {
    const value: unknown = JSON.parse(await readFile(join(path, OWNER), 'utf8'));
    return isIdentity(value) ? value : null;
  } catch {
    return null;
  }
};

const touchedAt = (path: string): Promise<number> =>
  stat(join(path, OWNER)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

const holdsRecords = (path: string): Promise<boolean> =>
  readdir(path).then(
    (names) => names.some((name) => segmentNumber(name) !== null),
    () => false,
  );

const isHeld = async (path: string, own: ProcessIdentity, touchMs: number): Promise<boolean> => {
  const owner = await ownerOf(path);
  if (owner === null || isGone(own, owner)) return false;
  if (isSameHost(own, owner)) return true;
  const before = await touchedAt(path);
  const deadMs = touchMs * TOUCHES_MISSED;
  for (let waited = 0; Date.now() - before < deadMs && waited < deadMs; waited += touchMs / 4) {
    await delay(touchMs / 4);
    if ((await touchedAt(path)) !== before) return true;
  }
  return false;
};

/** False when another process was quicker. */
const occupy = async (path: string, own: ProcessIdentity): Promise<boolean> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await rm(join(path, OWNER), { force: true });
  try {
    await writeFile(join(path, OWNER), JSON.stringify(own), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Occupies the folder that a process which is gone has left something in, else any that nobody holds. Rejects when
 * none can be had. Disposing gives it back.
 */
export const takeSpoolFolder = async (options: SpoolFolderOptions): Promise<SpoolFolder> => {
  const { directory, log, identity = identifyProcess(), touchMs = TOUCH_MS } = options;
  const paths = Array.from({ length: MOST }, (_, index) => (index === 0 ? directory : `${directory}-${index + 1}`));
  const looked = await Promise.all(
    paths.map(async (path) => ({
      path,
      isFree: !(await isHeld(path, identity, touchMs)),
      isFull: await holdsRecords(path),
    })),
  );
  const free = looked.filter(({ isFree }) => isFree).toSorted((a, b) => Number(b.isFull) - Number(a.isFull));
  for (const { path } of free) {
    if (!(await occupy(path, identity))) continue;
    const left = free.filter((other) => other.isFull && other.path !== path).map((other) => other.path);
    if (left.length > 0) log.error({ left }, 'More than one spool was left behind; the next start takes up another.');
    const touching = setInterval(() => {
      const now = new Date();
      utimes(join(path, OWNER), now, now).catch((error: unknown) =>
        log.error({ error: String(error) }, 'The spool is not seen to be held.'),
      );
    }, touchMs);
    touching.unref();
    return {
      path,
      [Symbol.asyncDispose]: async () => {
        clearInterval(touching);
        await rm(join(path, OWNER), { force: true });
      },
    };
  }
  throw new Error(`Each of ${MOST} folders like ${directory} is held by another process.`);
};
