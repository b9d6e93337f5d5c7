/** Reads calls as the CRM shows them, with what hangs on them, in one statement whatever their number. */
import type { CallId } from '#domain/call.ts';
import type { RecordingRecord, RecordingState } from '#domain/records.ts';
import { cleanText } from '#domain/serialise-event.ts';
import type { SessionQuery, SessionRecord } from '#domain/session.ts';
import type { Speaker } from '#domain/transcript.ts';
import type { OwnerScope, Viewer } from '#domain/user.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

/** All methods reject with `DatabaseError`. */
export type SessionsRepository = {
  /** Newest first. */
  list(query: SessionQuery): Promise<readonly SessionRecord[]>;
  /** Of calls that are over, those with a published recording; newest first. */
  recorded(query: Pick<SessionQuery, 'scope' | 'limit'>): Promise<readonly SessionRecord[]>;
  find(sessionId: string): Promise<SessionRecord | null>;
  /** Gives an unclaimed call to the viewer; false when it has an owner by now. */
  claim(sessionId: string, viewer: Viewer): Promise<boolean>;
};

type Statement = { sql: string; parameters: readonly unknown[] };
type Condition = Statement;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const detailsOf = (page: string, segments: string) => `
select s.id, s.session_id as "sessionId", s.campaign_id as "campaignId", s.lead_id as "leadId",
  l.country as "leadCountry", s.owner_id as "ownerId", s.caller_id as "callerId", s.called_number as "calledNumber",
  s.status, ${ms('s.started_at')} as "startedAt", ${ms('s.answered_at')} as "answeredAt", ${ms('s.ended_at')} as "endedAt",
  s.recording_path as "recordingPath", r.state as "recordingState", r.files,
  s.transcript_status as "transcriptStatus", s.transcript_language as "transcriptLanguage", s.transcripts,
  t.segments, t.last as "lastSegmentAt", s.analysis, s.sentiment_score as "sentimentScore",
  s.interest_level as "interestLevel", s.key_points as "keyPoints", s.follow_up_required as "followUpRequired",
  s.follow_up_notes as "followUpNotes", s.asterisk_linkedid as "asteriskLinkedid"
from (${page}) p
join call_sessions s on s.id = p.id
left join leads l on l.id = s.lead_id
left join recordings r on r.call_id = s.session_id
left join lateral (${segments}) t on true
order by p.started_at desc, p.id desc`;

/** Not read where the transcript of the files stands for them. */
const SEGMENTS = `
  select json_agg(json_build_array(g.speaker, g.text) order by g.index) as segments, ${ms('max(g.created_at)')} as last
  from transcript_segments g where g.call_id = s.session_id and s.transcripts -> 'mixed' is null`;
const NO_SEGMENTS = 'select null::json as segments, null::float8 as last';

const conditionsOf = ({ campaignId, leadId, status }: Omit<SessionQuery, 'scope' | 'limit'>): Condition[] => [
  ...(campaignId === null ? [] : [{ sql: 'c.campaign_id = ?', parameters: [campaignId] }]),
  ...(leadId === null ? [] : [{ sql: 'c.lead_id = ?', parameters: [leadId] }]),
  ...(status === null ? [] : [{ sql: 'c.status = ?', parameters: [status] }]),
];

const HAS_RECORDING = `c.ended_at is not null and exists (
  select from recordings h where h.call_id = c.session_id and h.state = 'published')`;

const NEWEST = 'order by started_at desc, id desc limit ?';

const pick = (conditions: readonly Condition[], limit: number): Statement => {
  const where = conditions.length > 0 ? `where ${conditions.map(({ sql }) => sql).join(' and ')}` : '';
  return {
    sql: `select c.id, c.started_at from call_sessions c ${where} ${NEWEST}`,
    parameters: [...conditions.flatMap(({ parameters }) => parameters), limit],
  };
};

/** The newest of each owner, and of those the newest: so many look-ups in the index, however many calls there are. */
const pickOfEach = (ids: readonly number[], conditions: readonly Condition[], limit: number): Statement => {
  const ofOwner = pick([{ sql: 'c.owner_id = o.id', parameters: [] }, ...conditions], limit);
  return {
    sql: `select x.id, x.started_at from (select jsonb_array_elements_text(?::jsonb)::int as id) o,
      lateral (${ofOwner.sql}) x ${NEWEST}`,
    parameters: [JSON.stringify(ids), ...ofOwner.parameters, limit],
  };
};

const within = (scope: OwnerScope): Condition[] =>
  scope.kind === 'everyone'
    ? []
    : [
        {
          sql: 'c.owner_id in (select jsonb_array_elements_text(?::jsonb)::int)',
          parameters: [JSON.stringify(scope.ids)],
        },
      ];

const pageOf = ({ scope, limit, ...filter }: SessionQuery): Statement => {
  const conditions = conditionsOf(filter);
  const isNarrow = filter.campaignId !== null || filter.leadId !== null;
  if (scope.kind === 'everyone' || isNarrow) return pick([...within(scope), ...conditions], limit);
  return pickOfEach(scope.ids, conditions, limit);
};

const CLAIM = `
with claimed as (
  update call_sessions set owner_id = ?, updated_at = now() where session_id = ? and owner_id is null returning session_id
), noted as (
  insert into audit_entries (actor_id, actor_name, action, target_type, target_id)
  select ?, ?, 'session.claimed', 'call_session', session_id from claimed
)
select session_id from claimed`;

type Row = Omit<SessionRecord, 'startedAt' | 'answeredAt' | 'endedAt' | 'recording' | 'segments' | 'lastSegmentAt'> & {
  startedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  recordingState: RecordingState | null;
  files: RecordingRecord['files'] | null;
  segments: [speaker: Speaker, text: string][] | null;
  lastSegmentAt: number | null;
};

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));

const toRecord = ({ recordingState, files, segments, lastSegmentAt, ...row }: Row): SessionRecord => ({
  ...row,
  startedAt: new Date(row.startedAt),
  answeredAt: dateOf(row.answeredAt),
  endedAt: dateOf(row.endedAt),
  recording: recordingState && { state: recordingState, files: files ?? {} },
  segments: (segments ?? []).map(([speaker, text]) => ({ speaker, text })),
  lastSegmentAt: dateOf(lastSegmentAt),
});

export const createSessionsRepository = (database: DatabaseAccess): SessionsRepository => {
  const read = (page: Statement, segments = SEGMENTS): Promise<SessionRecord[]> =>
    guarded(database, async (em) => {
      const rows = await em.execute<Row[]>(detailsOf(page.sql, segments), [...page.parameters]);
      return rows.map(toRecord);
    });

  return {
    list: (query) => read(pageOf(query)),
    recorded: ({ scope, limit }) => {
      const hasRecording = [{ sql: HAS_RECORDING, parameters: [] }];
      const page = scope.kind === 'everyone' ? pick(hasRecording, limit) : pickOfEach(scope.ids, hasRecording, limit);
      return read(page, NO_SEGMENTS);
    },
    find: async (sessionId) => {
      const [session] = await read(pick([{ sql: 'c.session_id = ?', parameters: [sessionId] }], 1));
      return session ?? null;
    },
    claim: async (sessionId, { id, username }) => {
      const parameters = [id, sessionId, id, cleanText(username)];
      const rows = await guarded(database, (em) => em.execute<{ session_id: CallId }[]>(CLAIM, parameters));
      return rows.length > 0;
    },
  };
};
