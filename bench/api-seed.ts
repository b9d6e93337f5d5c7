/** A database as large as that of a busy year: 100,000 calls of 25 users with transcripts and recordings. */
import { createPasswords } from '#app/passwords.ts';
import type { Database } from '#persistence/database.ts';

export const SESSIONS = 100_000;
export const PASSWORD = 'secret of the benchmark';
const TURNS = 12;

const USERS = `
with admins as (
  insert into users (username, email, hashed_password, role, organization, max_agents, subscription_end_date)
  select 'admin' || n, 'admin' || n || '@example.com', ?, 'admin', 'Organisation ' || n, 5, now() + interval '30 days'
  from generate_series(1, 5) n returning id, username
)
insert into users (username, email, hashed_password, role, created_by_id)
select a.username || 'agent' || n, a.username || n || '@example.com', ?, 'agent', a.id from admins a, generate_series(1, 4) n`;

const ROOT = `insert into users (username, email, hashed_password, role) values ('root', 'root@example.com', ?, 'superadmin')`;

const LEADS = `
insert into leads (owner_id, first_name, phone, phone_e164, country, country_code)
select u.ids[1 + n % array_length(u.ids, 1)], 'Lead ' || n, (888000000 + n)::text, '+359' || (888000000 + n), 'Bulgaria', '+359'
from generate_series(1, 10000) n, (select array_agg(id) as ids from users where role <> 'superadmin') u`;

const CAMPAIGNS = `insert into campaigns (owner_id, name) select id, 'Campaign' from users where role <> 'superadmin'`;

const CALLS = `
insert into call_sessions (session_id, direction, status, owner_id, lead_id, campaign_id, caller_id, called_number, sip_call_id,
  started_at, answered_at, ended_at, recording_path, transcript_language, analysis)
select gen_random_uuid(), case n % 2 when 0 then 'inbound' else 'outbound' end,
  (array['answered', 'answered', 'answered', 'no_answer', 'busy', 'rejected', 'failed'])[1 + n % 7], l.owner_id, l.id, c.id,
  '+35924000000', l.phone_e164, 'sip-' || n, t.at, t.at + interval '10 seconds', t.at + interval '100 seconds', null, 'bg',
  case n % 3 when 0 then '{"summary": "The customer asked for an offer.", "status": "interested"}'::jsonb end
from generate_series(1, ${SESSIONS}) n
join leads l on l.id = (select min(id) from leads) + n % 10000
left join campaigns c on c.owner_id = l.owner_id and n % 2 = 1
cross join lateral (select now() - n * interval '5 minutes' as at) t`;

const RECORDINGS = `
insert into recordings (call_id, state, started_at, duration_ms, files)
select session_id, 'published', started_at, 90000, jsonb_build_object(
  'mixed', jsonb_build_object('fileName', 'mixed_20251201_120423.wav', 'bytes', 1440044),
  'incoming', jsonb_build_object('fileName', 'incoming_20251201_120423.wav', 'bytes', 1440044),
  'outgoing', jsonb_build_object('fileName', 'outgoing_20251201_120423.wav', 'bytes', 1440044))
from call_sessions`;

const SEGMENTS = `
insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted)
select session_id, n, case n % 2 when 0 then 'agent' else 'user' end,
  'Добър ден, обаждам се за поръчката от миналата седмица, моля.', n * 4000, n * 4000 + 3500, false
from call_sessions, generate_series(0, ${TURNS - 1}) n`;

/** Prints what it is at: it takes a minute. */
export const seedCalls = async (database: Database): Promise<void> => {
  const hash = await createPasswords().hash(PASSWORD);
  const run = (sql: string, parameters: unknown[] = []) =>
    database.fork().transactional(async (em) => {
      await em.execute('set local statement_timeout = 0');
      await em.execute(sql, parameters);
    });
  await run(USERS, [hash, hash]);
  await run(ROOT, [hash]);
  for (const [name, sql] of Object.entries({ LEADS, CAMPAIGNS, CALLS, RECORDINGS, SEGMENTS })) {
    process.stderr.write(`seeding ${name.toLowerCase()}\n`);
    await run(sql);
  }
  // As autovacuum leaves it, once and not in the middle of the requests.
  await database.fork().execute('vacuum analyze');
};
