import { Migration } from '@mikro-orm/migrations';

const JOBS = `
  create table jobs (
    id uuid not null default gen_random_uuid() primary key,
    kind text not null,
    call_id text not null,
    state text not null default 'queued',
    attempts int not null default 0,
    input jsonb not null default '{}',
    result jsonb null,
    failure_code text null,
    failure_message text null,
    requested_by_id int null,
    dispatched_at timestamptz(3) null,
    created_at timestamptz(3) not null default now(),
    started_at timestamptz(3) null,
    finished_at timestamptz(3) null,
    constraint jobs_kind_check check (kind in ('transcribe', 'summarise')),
    constraint jobs_state_check check (state in ('queued', 'running', 'retrying', 'completed', 'failed'))
  )`;

const JOB_INDEXES = [
  'create index jobs_created_index on jobs (created_at, id)',
  'create index jobs_call_index on jobs (call_id)',
  'create index jobs_outbox_index on jobs (created_at) where dispatched_at is null',
  `create unique index jobs_open_unique on jobs (kind, call_id) where state in ('queued', 'running', 'retrying')`,
];

const CALL_ENDINGS = `
  create table call_endings (
    call_id text not null primary key,
    ended_at timestamptz(3) not null default now()
  )`;

// In the statement that commits the end, whoever sends it: the journal, the replay of a spool, the reconciler.
const NOTE_ENDING = `
  create function call_snapshots_note_ending_fn() returns trigger as $$
  begin
    insert into call_endings (call_id) values (new.call_id) on conflict (call_id) do nothing;
    return null;
  end;
  $$ language plpgsql`;

const ENDING_TRIGGER = `
  create trigger note_ending after update of state on call_snapshots
  for each row when (new.state = 'ended' and old.state <> 'ended') execute function call_snapshots_note_ending_fn()`;

export class Jobs extends Migration {
  override up(): void {
    this.addSql(JOBS);
    for (const index of JOB_INDEXES) this.addSql(index);
    this.addSql(CALL_ENDINGS);
    this.addSql(NOTE_ENDING);
    this.addSql(ENDING_TRIGGER);
  }
}
