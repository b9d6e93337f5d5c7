/** The statements of the queue. Which application lives is judged by the clock of the database, all else by the caller's. */

export const IN_FLIGHT = `('dialing', 'ringing', 'in_call')`;

const isAlive = (node: string) => `exists (
    select from application_nodes n
    where n.node_id = ${node} and n.released_at is null and n.renewed_at > clock_timestamp() - interval '6 seconds')`;

/** Those that run, those that were stopped with calls in progress, and those of whom it was not told yet that they were. */
export const HOLD = `insert into campaign_runs as r (campaign_id, node_id, lease_until)
  select c.id, ?, clock_timestamp() + interval '10 seconds' from campaigns c
  where c.status = 'running'
    or exists (select from campaign_leads l where l.campaign_id = c.id and l.status in ${IN_FLIGHT})
    or c.status in ('paused', 'cancelled') and exists (
      select from campaign_runs told where told.campaign_id = c.id and told.state in ('running', 'pausing', 'cancelling'))
  on conflict (campaign_id) do update
  set node_id = excluded.node_id, lease_until = excluded.lease_until
  where r.node_id is null or r.node_id = excluded.node_id or r.lease_until < clock_timestamp()
    or not ${isAlive('r.node_id')}
  returning campaign_id as id`;

export const HELD = `select c.id, c.status, c.owner_id as "ownerId", u.gate_slot as slot,
    coalesce(u.organization, a.organization) as organization, c.bot_config as "botConfig",
    c.dialing_config as "dialingConfig", c.schedule_config as "scheduleConfig"
  from campaigns c join users u on u.id = c.owner_id left join users a on a.id = u.created_by_id and u.role = 'agent'
  where c.id in (select jsonb_array_elements_text(?::jsonb)::int) order by c.id`;

export const LET_GO = 'update campaign_runs set node_id = null, lease_until = null where node_id = ?';

/** Locked until the transaction ends: a pause waits for the claim that is under way, and is obeyed by the next one. */
export const LOCK_CAMPAIGN = `select c.owner_id as "ownerId", r.last_dial_at as "dialledAt", r.last_end_at as "endedAt"
  from campaigns c join campaign_runs r on r.campaign_id = c.id
  where c.id = ? and c.status = 'running' and r.node_id = ? and r.lease_until > clock_timestamp()
  for update of r for share of c`;

/** By rows and by leases, whichever are more: a lease that was freed too early lets nobody in. */
export const IN_USE = `select greatest(
    (select count(*) from campaign_leads where campaign_id = ? and status in ${IN_FLIGHT}),
    (select count(*) from capacity_leases where scope = ?))::int as count`;

/** Due rows in their order, with what decides whether they may be called. */
export const CANDIDATES = `select l.id as "rowId", l.lead_id as "leadId", l.call_attempts as attempts,
    leads.phone_e164 as e164, leads.country,
    exists (
      select from do_not_call d where d.phone_e164 = leads.phone_e164 and (d.owner_id in (0, c.owner_id, leads.owner_id)
        or d.owner_id in (select u.created_by_id from users u where u.id in (c.owner_id, leads.owner_id) and u.role = 'agent'))
    ) as "mustNotBeCalled",
    (select count(*)::int from call_sessions s where s.lead_id = l.lead_id and s.direction = 'outbound'
      and s.started_at > ?::timestamptz - interval '24 hours') as "recentCalls"
  from campaign_leads l join campaigns c on c.id = l.campaign_id left join leads on leads.id = l.lead_id
  where l.campaign_id = ? and l.status = 'pending' and (l.scheduled_for is null or l.scheduled_for <= ?::timestamptz)
  order by l.priority desc, l.added_at, l.id limit 20
  for update of l skip locked`;

export const DEFER = 'update campaign_leads set scheduled_for = ?::timestamptz where id = ?';

export const DROP = `update campaign_leads
  set status = 'failed', call_result = ?, completed_at = ?::timestamptz, scheduled_for = null, node_id = null
  where id = ?`;

/** Attempt, call id and lease: all of them or none. The name it is called by stays with the row. */
export const TAKE = `with taken as (
    update campaign_leads l
    set status = 'dialing', call_attempts = l.call_attempts + 1, call_session_id = ?, node_id = ?, scheduled_for = null,
      last_attempt_at = ?::timestamptz, called_at = coalesce(l.called_at, ?::timestamptz), completed_at = null,
      call_duration = null, call_result = null, lead_phone = leads.phone_e164, lead_country = leads.country,
      lead_name = coalesce(nullif(concat_ws(' ', nullif(leads.first_name, ''), nullif(leads.last_name, '')), ''),
        nullif(leads.email, ''), leads.phone_e164)
    from leads where l.id = ? and l.status = 'pending' and leads.id = l.lead_id
    returning l.campaign_id, l.call_session_id, l.node_id
  ), leased as (
    insert into capacity_leases (call_id, scope, node_id)
    select call_session_id, 'campaign:' || campaign_id, node_id from taken
  ), noted as (
    update campaign_runs r set last_dial_at = ?::timestamptz from taken t where r.campaign_id = t.campaign_id
  )
  select 1 from taken`;

/** Only while the row is still about this very call. */
const OF_ATTEMPT = `where id = ? and call_session_id = ? and status in ${IN_FLIGHT}`;

export const GIVE_BACK = `with freed as (delete from capacity_leases where call_id = ?)
  update campaign_leads set status = 'pending', call_attempts = call_attempts - 1, call_session_id = null,
    node_id = null, scheduled_for = ?::timestamptz ${OF_ATTEMPT}`;

export const DROP_ATTEMPT = `with freed as (delete from capacity_leases where call_id = ?)
  update campaign_leads set status = 'failed', call_result = ?, call_session_id = null, node_id = null,
    completed_at = clock_timestamp() ${OF_ATTEMPT}`;

export const FLIGHTS = `select l.id as "rowId", l.lead_id as "leadId", l.status, l.call_attempts as attempts,
    l.call_session_id as "callId", l.lead_phone as e164, s.status as "callStatus", s.cause, s.cause_detail as detail,
    s.answered_at as "answeredAt", s.ended_at as "endedAt", s.session_id is not null as "hasCall",
    l.node_id is not distinct from ? as "isMine", l.node_id is not null and ${isAlive('l.node_id')} as "isAlive"
  from campaign_leads l left join call_sessions s on s.session_id = l.call_session_id
  where l.campaign_id = ? and l.status in ${IN_FLIGHT}
  for update of l`;

/** What a call held is free once it is over, also when its process is not there any more to say so. */
export const SETTLE = `with w as (
    select * from jsonb_to_recordset(?::jsonb) as w("rowId" int, "callId" text, status text, duration int, result text,
      "scheduledFor" timestamptz, "completedAt" timestamptz)
  ), freed as (
    delete from capacity_leases l using w where l.call_id = w."callId" and w.status not in ${IN_FLIGHT}
  )
  update campaign_leads l
  set status = w.status, call_duration = w.duration, call_result = w.result, scheduled_for = w."scheduledFor",
    completed_at = w."completedAt", node_id = case when w.status in ${IN_FLIGHT} then l.node_id end
  from w where l.id = w."rowId"`;

export const NOTE_END =
  'update campaign_runs set last_end_at = greatest(last_end_at, ?::timestamptz) where campaign_id = ?';

/**
 * The call of an attempt that nobody places any more, ended before it began. Whoever comes with it after all finds its
 * id taken by another, and sends nothing.
 */
export const BAR = `with barred as (
    insert into call_snapshots (call_id, seq, epoch, node_id, machine_version, state, context, updated_at)
    values (?, 0, 1, 'never-placed', 1, 'ended', '{}', clock_timestamp())
    on conflict (call_id) do nothing returning call_id
  ), row as (
    insert into call_sessions (session_id, direction, called_number, status, started_at, ended_at, cause, cause_detail,
      owner_id, lead_id, campaign_id)
    select b.call_id, 'outbound', ?, 'failed', clock_timestamp(), clock_timestamp(), 'fault',
      'The process that was to place the call ended.', c.owner_id, (select id from leads where id = ?), c.id
    from barred b join campaigns c on c.id = ?
    on conflict (session_id) do nothing returning session_id
  )
  select call_id from barred`;

export const STATE = `select (count(*) filter (where status in ${IN_FLIGHT}))::int as "inFlight",
    (count(*) filter (where status = 'pending'))::int as waiting
  from campaign_leads where campaign_id = ? and status in ('pending', 'dialing', 'ringing', 'in_call')`;

export const COMPLETE = `update campaigns c set status = 'completed', completed_at = clock_timestamp(), updated_at = clock_timestamp()
  where c.id = ? and c.status = 'running' and not exists (
    select from campaign_leads l where l.campaign_id = c.id and l.status in ('pending', 'dialing', 'ringing', 'in_call'))
  returning c.id`;

export const KEEP = `update campaign_runs set machine_version = ?, state = ?, context = ?::jsonb, updated_at = clock_timestamp()
  where campaign_id = ? and node_id = ?`;
