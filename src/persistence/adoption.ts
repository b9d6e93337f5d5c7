/** Gives session folders without a row their row (crm-api.md 5.2). */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import { toSafeJson } from './journal-batch.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { readSessionFolder, type SessionFolder } from './session-folder.ts';

export type AdoptedCall = {
  callId: CallId;
  /** A recording that was never finished. */
  recording: { path: string; startedAt: Date } | null;
};

const SESSION_ID = /^[A-Za-z0-9_-]{1,128}$/;
const AT_ONCE = 500;

const KNOWN = `select session_id as id from call_sessions where session_id in (select jsonb_array_elements_text(?::jsonb))`;

const ADOPT = `
with folder as (
  select * from jsonb_to_recordset(?::jsonb) as f(
    id text, direction text, caller text, called text, started timestamptz, ended timestamptz, owner int, lead int,
    campaign int, info jsonb, recording_path text, state text, path text, duration_ms int, files jsonb
  )
), adopted as (
  insert into call_sessions (session_id, direction, caller_id, called_number, status, started_at, ended_at, owner_id,
    lead_id, campaign_id, session_info, recording_path)
  select id, direction, caller, called, 'completed', started, ended, (select u.id from users u where u.id = owner),
    (select l.id from leads l where l.id = lead), (select c.id from campaigns c where c.id = campaign), info, recording_path
  from folder
  on conflict (session_id) do nothing
  returning session_id
), recording as (
  insert into recordings (call_id, state, path, started_at, duration_ms, files, failure_code, failure_message)
  select id, state, path, started, duration_ms, files,
    case state when 'failed' then 'interrupted' end, case state when 'failed' then 'The process that recorded ended.' end
  from folder join adopted on session_id = id where state is not null
  on conflict (call_id) do nothing
)
select session_id as id from adopted`;

const listFolders = async (directory: string): Promise<string[]> => {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && SESSION_ID.test(entry.name)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

const recordingOf = (id: string, { files, unfinished, durationMs }: SessionFolder) => {
  const whole = files.mixed ?? files.stereo;
  if (whole) return { state: 'published', recording_path: `sessions/${id}/${whole.fileName}`, duration_ms: durationMs };
  if (unfinished === null) return { state: null };
  return { state: 'failed', path: unfinished, duration_ms: durationMs };
};

const rowOf = (id: string, folder: SessionFolder) => ({
  id,
  direction: folder.direction,
  caller: folder.callerNumber,
  called: folder.calledNumber,
  started: folder.startedAt,
  ended: folder.endedAt,
  owner: folder.ownerId,
  lead: folder.leadId,
  campaign: folder.campaignId,
  info: folder.info,
  files: folder.files,
  ...recordingOf(id, folder),
});

export type AdoptionOptions = { database: DatabaseAccess; log: Log };

export type Adoption = {
  /** `directory` holds one folder for each call. Rejects with `DatabaseError`, or when it cannot be listed. */
  adopt(directory: string, isLive: (callId: CallId) => boolean): Promise<readonly AdoptedCall[]>;
};

export const createAdoption = ({ database, log }: AdoptionOptions): Adoption => {
  /** Rows are not lost again: whoever deletes one takes its folder away first. */
  const known = new Set<string>();

  const withoutRow = async (ids: readonly string[]): Promise<string[]> => {
    const rows = await guarded(database, (em) => em.execute<{ id: string }[]>(KNOWN, [JSON.stringify(ids)]));
    for (const { id } of rows) known.add(id);
    return ids.filter((id) => !known.has(id));
  };

  const read = async (directory: string, id: string): Promise<[string, SessionFolder][]> => {
    try {
      return [[id, await readSessionFolder(path.join(directory, id))]];
    } catch (error) {
      log.warn({ callId: id, error: String(error) }, 'a session folder cannot be read');
      return [];
    }
  };

  const insert = async (folders: Map<string, SessionFolder>): Promise<AdoptedCall[]> => {
    const rows = toSafeJson([...folders].map(([id, folder]) => rowOf(id, folder)));
    const adopted = await guarded(database, (em) => em.execute<{ id: string }[]>(ADOPT, [rows]));
    return adopted.map(({ id }) => {
      const { unfinished, startedAt, files } = folders.get(id) ?? {};
      const isUnfinished = unfinished && startedAt && !files?.mixed;
      return { callId: id as CallId, recording: isUnfinished ? { path: unfinished, startedAt } : null };
    });
  };

  return {
    adopt: async (directory, isLive) => {
      const candidates = (await listFolders(directory)).filter((id) => !known.has(id) && !isLive(id as CallId));
      const adopted: AdoptedCall[] = [];
      for (let at = 0; at < candidates.length; at += AT_ONCE) {
        const orphans = await withoutRow(candidates.slice(at, at + AT_ONCE));
        const folders = await Promise.all(orphans.map((id) => read(directory, id)));
        if (folders.flat().length > 0) adopted.push(...(await insert(new Map(folders.flat()))));
      }
      return adopted;
    },
  };
};
