/** What jobs read of a call and write to its row; and the calls whose jobs are not planned yet. */
import type { Analysis } from '#domain/analysis.ts';
import type { CallId } from '#domain/call.ts';
import type { JobRequest } from '#domain/job.ts';
import type { EndedCall } from '#domain/post-call.ts';
import type { RecordingRecord, RecordingState } from '#domain/records.ts';
import type { Json } from '#domain/serialise-event.ts';
import type { SpokenTurn, Transcripts } from '#domain/transcripts.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { queueJobs } from './jobs.repository.ts';
import { toSafeJson } from './journal-batch.ts';

export type JobSubject = {
  callId: CallId;
  isOver: boolean;
  /** ISO 639-1; of an earlier transcript. */
  language: string | null;
  transcripts: Transcripts | null;
  /** What was transcribed live, in the order spoken. */
  segments: readonly SpokenTurn[];
  recording: { state: RecordingState; files: RecordingRecord['files'] } | null;
};

/** What a job has come to; `result` is for the list of jobs. */
type Completion = { jobId: string; result: Json };

/** All methods reject with `DatabaseError`. */
export type PostCallRepository = {
  subject(callId: CallId): Promise<JobSubject | null>;
  /** Transcripts, state of the job and the jobs that follow, together. Nothing when the job is over already. */
  completeTranscription(
    completion: Completion & { transcripts: Transcripts; language: string | null; followedBy: readonly JobRequest[] },
  ): Promise<void>;
  completeSummary(completion: Completion & { analysis: Analysis }): Promise<void>;
  /** Plans the jobs of calls that ended, each call once. Resolves with the number of jobs that were queued. */
  planEndings(plan: (call: EndedCall) => readonly JobRequest[] | 'later', limit: number): Promise<number>;
};

const SUBJECT = `
select c.session_id as "callId", c.ended_at is not null as "isOver", c.transcript_language as language, c.transcripts,
  r.state as "recordingState", r.files,
  coalesce((select jsonb_agg(jsonb_build_object('speaker', s.speaker, 'text', s.text) order by s.start_ms, s.index)
    from transcript_segments s where s.call_id = c.session_id), '[]') as segments
from call_sessions c left join recordings r on r.call_id = c.session_id where c.session_id = ?`;

const COMPLETED = `
update jobs set state = 'completed', result = ?::jsonb, finished_at = now(), failure_code = null, failure_message = null
where id = ?::uuid and state in ('queued', 'running', 'retrying') returning call_id as "callId"`;

const KEEP_TRANSCRIPTS = `
update call_sessions set transcripts = ?::jsonb, transcript_status = 'completed',
  transcript_language = coalesce(?, transcript_language), updated_at = now()
where session_id = ?`;

const KEEP_ANALYSIS = `update call_sessions set analysis = ?::jsonb, updated_at = now() where session_id = ?`;

const ENDINGS = `
select e.call_id as "callId", c.answered_at is not null as "wasAnswered",
  case when r.state is null or r.state = 'failed' then 'none' when r.state = 'published' then 'published'
    else 'unsettled' end as recording,
  exists (select from transcript_segments s where s.call_id = e.call_id) as "hasTranscript",
  (extract(epoch from now() - e.ended_at) * 1000)::float8 as "ageMs"
from call_endings e left join call_sessions c on c.session_id = e.call_id
  left join recordings r on r.call_id = e.call_id
order by e.ended_at limit ? for update of e skip locked`;

const PLANNED = `delete from call_endings where call_id in (select jsonb_array_elements_text(?::jsonb))`;

type SubjectRow = Omit<JobSubject, 'recording'> & {
  recordingState: RecordingState | null;
  files: RecordingRecord['files'] | null;
};

export const createPostCallRepository = (database: DatabaseAccess): PostCallRepository => {
  const complete = (
    { jobId, result }: Completion,
    keep: (execute: (sql: string, parameters: unknown[]) => Promise<unknown>, callId: string) => Promise<unknown>,
    followedBy: readonly JobRequest[] = [],
  ) =>
    guarded(database, (em) =>
      em.transactional(async (tx) => {
        const [job] = await tx.execute<{ callId: string }[]>(COMPLETED, [toSafeJson(result), jobId]);
        if (!job) return;
        await keep((sql, parameters) => tx.execute(sql, parameters), job.callId);
        await queueJobs(tx, followedBy);
      }),
    );

  return {
    subject: (callId) =>
      guarded(database, async (em) => {
        const [row] = await em.execute<SubjectRow[]>(SUBJECT, [callId]);
        if (!row) return null;
        const { recordingState, files, ...subject } = row;
        return { ...subject, recording: recordingState && { state: recordingState, files: files ?? {} } };
      }),
    completeTranscription: ({ transcripts, language, followedBy, ...completion }) =>
      complete(
        completion,
        (execute, callId) => execute(KEEP_TRANSCRIPTS, [toSafeJson(transcripts), language, callId]),
        followedBy,
      ),
    completeSummary: ({ analysis, ...completion }) =>
      complete(completion, (execute, callId) => execute(KEEP_ANALYSIS, [toSafeJson(analysis), callId])),
    planEndings: (plan, limit) =>
      guarded(database, (em) =>
        em.transactional(async (tx) => {
          const calls = await tx.execute<EndedCall[]>(ENDINGS, [limit]);
          const plans = calls.map((call) => ({ call, jobs: plan(call) }));
          const planned = plans.filter(({ jobs }) => jobs !== 'later').map(({ call }) => call.callId);
          if (planned.length === 0) return 0;
          const queued = await queueJobs(
            tx,
            plans.flatMap(({ jobs }) => (jobs === 'later' ? [] : jobs)),
          );
          await tx.execute(PLANNED, [JSON.stringify(planned)]);
          return queued.length;
        }),
      ),
  };
};
