/** The statements that fill a development database. Each takes its rows as one JSON text. */

export const FIND_SEEDED = `select 1 from users where username = 'demo.root'`;

export const COUNT_OTHERS = `select (select count(*) from users)::int as users, (select count(*) from leads)::int as leads,
  (select count(*) from call_sessions)::int as calls`;

export const FREE_SLOTS = `
select slot from generate_series(9, 19) slot where slot not in (select gate_slot from users where gate_slot is not null)
order by slot`;

export const USER = `
insert into users (username, email, hashed_password, role, created_by_id, organization, max_agents, subscription_end_date,
  first_name, gate_slot)
select username, email, hashed_password, role, (select id from users where username = admin), organization, max_agents,
  case when days is not null then now() + make_interval(days => days) end, first_name, gate_slot
from jsonb_to_record(?::jsonb) as u(username text, email text, hashed_password text, role text, admin text, organization text,
  max_agents int, days int, first_name text, gate_slot int)
returning id`;

export const LEADS = `
insert into leads (owner_id, first_name, last_name, email, phone, phone_e164, country, country_code, gender, import_batch_id)
select l.owner_id, l.first_name, l.last_name, l.email, l.phone, l.phone_e164, l.country, l.country_code, l.gender, 'demo'
from jsonb_to_recordset(?::jsonb) as l(position int, owner_id int, first_name text, last_name text, email text, phone text,
  phone_e164 text, country text, country_code text, gender text)
order by l.position returning id`;

export const CAMPAIGNS = `
insert into campaigns (owner_id, name, description, status, bot_config, dialing_config, started_at, completed_at)
select owner_id, name, description, status, '{"greeting_delay": 1, "max_call_duration": 300, "voice_speed": 1.0}',
  '{"concurrent_calls": 1, "retry_attempts": 2}', started_at, completed_at
from jsonb_to_recordset(?::jsonb) as c(position int, owner_id int, name text, description text, status text,
  started_at timestamptz, completed_at timestamptz)
order by position returning id`;

export const CALLS = `
with c as (
  select * from jsonb_to_recordset(?::jsonb) as c(session_id text, direction text, status text, owner_id int, lead_id int,
    campaign_id int, caller_id text, called_number text, started_at timestamptz, answered_at timestamptz,
    ended_at timestamptz, language text, stamp text, files jsonb, duration_ms int, analysis jsonb, turns jsonb)
), calls as (
  insert into call_sessions (session_id, direction, status, owner_id, lead_id, campaign_id, caller_id, called_number,
    started_at, answered_at, ended_at, cause, recording_path, transcript_language, analysis)
  select session_id, direction, status, owner_id, lead_id, campaign_id, caller_id, called_number, started_at, answered_at,
    ended_at, case when answered_at is null then null else 'callerHungUp' end,
    case when files is not null then 'sessions/' || session_id || '/mixed_' || stamp || '.wav' end, language, analysis
  from c
), recorded as (
  insert into recordings (call_id, state, started_at, duration_ms, files)
  select session_id, 'published', answered_at, duration_ms, files from c where files is not null
)
insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted, created_at)
select c.session_id, t.index - 1, t.turn ->> 'speaker', t.turn ->> 'text', (t.turn ->> 'startMs')::int,
  (t.turn ->> 'endMs')::int, false, c.ended_at
from c, jsonb_array_elements(c.turns) with ordinality as t(turn, index)`;

export const CAMPAIGN_LEADS = `
insert into campaign_leads (campaign_id, lead_id, lead_name, lead_phone, lead_country, status, call_attempts, last_attempt_at,
  call_session_id, call_duration, call_result, called_at, completed_at)
select m.campaign_id, l.id, l.first_name || ' ' || l.last_name, l.phone_e164, l.country, coalesce(c.status, 'pending'),
  case when c.id is null then 0 else 1 end, c.started_at, c.session_id,
  nullif(extract(epoch from c.ended_at - c.answered_at)::int, 0),
  case when c.answered_at is not null then 'normal clearing' end, c.started_at, c.ended_at
from jsonb_to_recordset(?::jsonb) as m(campaign_id int, lead_id int)
join leads l on l.id = m.lead_id
left join call_sessions c on c.lead_id = l.id and c.campaign_id = m.campaign_id`;

export const CALL_COUNTS = `
update leads l set call_count = c.count, last_called_at = c.last
from (select lead_id, count(*)::int as count, max(started_at) as last from call_sessions
  where direction = 'outbound' and lead_id is not null group by lead_id) c
where c.lead_id = l.id and l.import_batch_id = 'demo'`;
