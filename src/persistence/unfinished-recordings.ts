/** Recordings of calls that are over, of which the row says that they are still being made: their process was lost. */
import type { CallId } from '#domain/call.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type UnfinishedRecording = {
  callId: CallId;
  /** The file that was being written. */
  path: string;
  /** Epoch ms: of the recording's first sample, and of the end of its call. */
  startedAt: number;
  endedAt: number;
  callerNumber: string | null;
  calledNumber: string | null;
};

const PAGE = 100;

/** Whoever runs the call may be about to say more in the seconds after its end. */
const UNFINISHED = `
select r.call_id as "callId", r.path, c.caller_id as "callerNumber", c.called_number as "calledNumber",
  extract(epoch from r.started_at)::float8 * 1000 as "startedAt", extract(epoch from c.ended_at)::float8 * 1000 as "endedAt"
from recordings r join call_sessions c on c.session_id = r.call_id
where (r.state in ('writing', 'finalising', 'repairing') or (r.state = 'failed' and r.failure_code = 'interrupted'))
  and r.path is not null and r.started_at is not null and c.ended_at < clock_timestamp() - interval '3 seconds'
  and r.call_id > ?
  and not exists (select from call_snapshots s where s.call_id = r.call_id and s.state <> 'ended')
order by r.call_id limit ${PAGE}`;

/** All of them, a page at a time: those whose folder is on another machine stay, and must not hide the others. */
export async function* unfinishedRecordings(database: DatabaseAccess): AsyncGenerator<UnfinishedRecording, void> {
  let after = '';
  for (;;) {
    const page = await guarded(database, (em) => em.execute<UnfinishedRecording[]>(UNFINISHED, [after]));
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.callId;
  }
}
