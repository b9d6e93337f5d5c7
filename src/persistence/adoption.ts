/** Gives session folders without a row their row. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type CallId, NO_LINKS, type CallLinks } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import { SESSION_ID_PATTERN, type Adoption as AdoptionOutcome, type SessionFacts } from '#domain/session.ts';
import { type OwnerScope, canSee } from '#domain/user.ts';
import { createCallLinksRepository } from './call-links.repository.ts';
import { ADOPT, KNOWN, rowOf } from './adoption-statement.ts';
import { factsOf } from './folder-facts.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { toSafeJson } from './journal-batch.ts';
import { readSessionFolder, type SessionFolder } from './session-folder.ts';

export type AdoptedCall = {
  callId: CallId;
  /** A recording that was never finished. */
  recording: { path: string; startedAt: Date } | null;
};

const AT_ONCE = 500;

const listFolders = async (directory: string): Promise<string[]> => {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && SESSION_ID_PATTERN.test(entry.name))
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** A link is not followed: only real folders of ours are taken in. */
const isFolder = async (file: string): Promise<boolean> =>
  lstat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );

export type AdoptionOptions = { database: DatabaseAccess; log: Log };

type IsLive = (callId: CallId) => boolean;

export type Adoption = {
  /** `directory` holds one folder for each call. Rejects with `DatabaseError`, or when it cannot be listed. */
  adopt(directory: string, isLive: IsLive): Promise<readonly AdoptedCall[]>;
  /** The folder of one call, now. Rejects only when the database cannot be reached. */
  adoptOne(directory: string, sessionId: string, isLive: IsLive): Promise<AdoptionOutcome>;
  /** Folders whose row cannot be written. */
  unregistered(scope: OwnerScope): readonly SessionFacts[];
};

const isOutage = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'unavailable';

type Folders = ReadonlyMap<string, SessionFolder>;

export const createAdoption = ({ database, log }: AdoptionOptions): Adoption => {
  const linksRepository = createCallLinksRepository(database);
  /** Rows are not lost again: whoever deletes one takes its folder away first. */
  const known = new Set<string>();
  const refused = new Map<string, SessionFacts>();

  const withoutRow = async (ids: readonly string[]): Promise<string[]> => {
    const rows = await guarded(database, (em) => em.execute<{ id: string }[]>(KNOWN, [JSON.stringify(ids)]));
    const present = new Set(rows.map(({ id }) => id));
    for (const id of present) known.add(id);
    return ids.filter((id) => !present.has(id));
  };

  const read = async (directory: string, id: string): Promise<[string, SessionFolder][]> => {
    try {
      return [[id, await readSessionFolder(path.join(directory, id))]];
    } catch (error) {
      log.warn({ callId: id, error: String(error) }, 'a session folder cannot be read');
      return [];
    }
  };

  const linksOf = async (folders: Folders): Promise<Map<string, CallLinks>> => {
    const questions = [...folders.values()].map(({ callerNumber, calledNumber, ownerId, leadId, campaignId }) => ({
      ...{ numbers: [callerNumber, calledNumber], ownerId, leadId, campaignId },
    }));
    const links = await linksRepository.resolve(questions);
    return new Map([...folders.keys()].map((id, index) => [id, links[index] ?? NO_LINKS]));
  };

  const write = async (folders: Folders, links: ReadonlyMap<string, CallLinks>): Promise<string[]> => {
    const rows = [...folders].map(([id, folder]) => rowOf(id, folder, links.get(id) ?? NO_LINKS));
    const adopted = await guarded(database, (em) => em.execute<{ id: string }[]>(ADOPT, [toSafeJson(rows)]));
    for (const id of folders.keys()) refused.delete(id);
    return adopted.map(({ id }) => id);
  };

  /** One that is refused holds up no other. Rejects only when the database cannot be reached. */
  const insert = async (folders: Folders): Promise<string[]> => {
    const links = await linksOf(folders);
    try {
      return await write(folders, links);
    } catch (error) {
      if (isOutage(error)) throw error;
    }
    const adopted: string[] = [];
    for (const [id, folder] of folders) {
      try {
        adopted.push(...(await write(new Map([[id, folder]]), links)));
      } catch (error) {
        if (isOutage(error)) throw error;
        log.error({ callId: id, error: String(error) }, 'The row of a session folder cannot be written.');
        refused.set(id, factsOf(id, folder, links.get(id) ?? NO_LINKS));
      }
    }
    return adopted;
  };

  const describe = (folders: Folders, adopted: readonly string[]): AdoptedCall[] =>
    adopted.map((id) => {
      const { unfinished, startedAt, files } = folders.get(id) ?? {};
      const isUnfinished = unfinished && startedAt && !files?.mixed;
      return { callId: id as CallId, recording: isUnfinished ? { path: unfinished, startedAt } : null };
    });

  return {
    adopt: async (directory, isLive) => {
      const candidates = (await listFolders(directory)).filter((id) => !known.has(id) && !isLive(id as CallId));
      const adopted: AdoptedCall[] = [];
      for (let at = 0; at < candidates.length; at += AT_ONCE) {
        const orphans = await withoutRow(candidates.slice(at, at + AT_ONCE));
        const folders = new Map((await Promise.all(orphans.map((id) => read(directory, id)))).flat());
        if (folders.size > 0) adopted.push(...describe(folders, await insert(folders)));
      }
      return adopted;
    },
    adoptOne: async (directory, sessionId, isLive) => {
      const isOurs = SESSION_ID_PATTERN.test(sessionId) && !isLive(sessionId as CallId);
      if (!isOurs || !(await isFolder(path.join(directory, sessionId)))) return { kind: 'unknown' };
      const folders = new Map(await read(directory, sessionId));
      if (folders.size === 0) return { kind: 'unknown' };
      await insert(folders);
      const session = refused.get(sessionId);
      return session ? { kind: 'unregistered', session } : { kind: 'registered' };
    },
    unregistered: (scope) => [...refused.values()].filter(({ ownerId }) => canSee(scope, ownerId)),
  };
};
