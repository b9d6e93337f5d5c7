/** The statements by which session folders get their rows. */
import type { CallLinks } from '#domain/call.ts';
import type { SessionFolder } from './session-folder.ts';

export const KNOWN = `select session_id as id from call_sessions where session_id in (select jsonb_array_elements_text(?::jsonb))`;

/** Leaves rows alone that are there by now. */
export const ADOPT = `
with folder as (
  select * from jsonb_to_recordset(?::jsonb) as f(
    id text, direction text, caller text, called text, started timestamptz, ended timestamptz, owner int, lead int,
    campaign int, info jsonb, recording_path text, state text, path text, duration_ms int, files jsonb,
    transcripts jsonb, transcript_status text, analysis jsonb
  )
), adopted as (
  insert into call_sessions (session_id, direction, caller_id, called_number, status, started_at, ended_at, owner_id,
    lead_id, campaign_id, session_info, recording_path, transcripts, transcript_status, analysis)
  select id, direction, caller, called, 'completed', started, ended, owner, lead, campaign, info, recording_path,
    transcripts, transcript_status, analysis
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

/** What the folder tells of its recording; a whole one counts as published. */
export const recordingOf = (id: string, { files, unfinished, durationMs }: SessionFolder) => {
  const whole = files.mixed ?? files.stereo ?? files.incoming ?? files.outgoing;
  if (whole)
    return { state: 'published' as const, recording_path: `sessions/${id}/${whole.fileName}`, duration_ms: durationMs };
  if (unfinished === null) return { state: null };
  return { state: 'failed' as const, path: unfinished, duration_ms: durationMs };
};

export const rowOf = (id: string, folder: SessionFolder, { ownerId, leadId, campaignId }: CallLinks) => ({
  id,
  direction: folder.direction,
  caller: folder.callerNumber,
  called: folder.calledNumber,
  started: folder.startedAt,
  ended: folder.endedAt,
  owner: ownerId,
  lead: leadId,
  campaign: campaignId,
  info: folder.info,
  files: folder.files,
  transcripts: folder.transcripts,
  transcript_status: folder.transcripts ? 'completed' : null,
  analysis: folder.analysis,
  ...recordingOf(id, folder),
});
