/** The statements of leases and claims. All times are those of the database, so that no two clocks are compared. */
import type { CallId } from '#domain/call.ts';
import type { ClaimedCall } from '#domain/ownership.ts';
import type { RunStatement } from './journal-statement.ts';
import type { ProcessIdentity } from './process-identity.ts';

export type Lease = ProcessIdentity & { nodeId: string; dataDirectory: string; address: string | null };

/** Another process that still has live calls. `lease` null: it never wrote one, or it was deleted. */
export type RivalNode = {
  nodeId: string;
  /** Changes with each renewal. */
  renewedAt: string | null;
  isExpired: boolean;
  isReleased: boolean;
  lease: Lease | null;
};

const RENEW = `
insert into application_nodes (node_id, host, boot, pid, process_start, data_directory, address, renewed_at)
values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
on conflict (node_id) do update set address = excluded.address, renewed_at = excluded.renewed_at`;

export const renewLease = async (run: RunStatement, lease: Lease): Promise<void> => {
  const { nodeId, host, boot, pid, processStart, dataDirectory, address } = lease;
  await run(RENEW, [nodeId, host, boot, pid, processStart, dataDirectory, address]);
};

export const releaseLease = async (run: RunStatement, nodeId: string): Promise<void> => {
  await run('update application_nodes set released_at = clock_timestamp() where node_id = $1', [nodeId]);
};

/** Old leases without live calls tell nothing any more. */
const FORGET = `
delete from application_nodes n
where n.renewed_at < now() - interval '1 day'
  and not exists (select from call_snapshots s where s.node_id = n.node_id and s.state <> 'ended')`;

export const forgetOldLeases = async (run: RunStatement): Promise<void> => {
  await run(FORGET, []);
};

const RIVALS = `
select s.node_id as "nodeId", n.renewed_at::text as "renewedAt",
  n.node_id is not null and n.renewed_at < clock_timestamp() - $2 * interval '1 millisecond' as "isExpired",
  n.released_at is not null as "isReleased",
  case when n.node_id is not null then json_build_object('nodeId', n.node_id, 'host', n.host, 'boot', n.boot,
    'pid', n.pid, 'processStart', n.process_start, 'dataDirectory', n.data_directory, 'address', n.address) end as lease
from (select distinct node_id from call_snapshots where state <> 'ended' and node_id <> $1) s
left join application_nodes n on n.node_id = s.node_id`;

export const findRivals = (run: RunStatement, nodeId: string, leaseMs: number): Promise<RivalNode[]> =>
  run<RivalNode>(RIVALS, [nodeId, leaseMs]);

/** Calls to be taken, as they are now, of processes that were judged by the leases they had. */
export type Claim = {
  calls: readonly { callId: CallId; nodeId: string; epoch: number }[];
  leases: readonly { nodeId: string; renewedAt: string | null }[];
};

const CLAIMABLE = `
select call_id as "callId", node_id as "nodeId", epoch from call_snapshots
where state <> 'ended' and node_id in (select jsonb_array_elements_text($1::jsonb))`;

export const prepareClaim = async (run: RunStatement, gone: readonly RivalNode[]): Promise<Claim> => ({
  calls: await run<Claim['calls'][number]>(CLAIMABLE, [JSON.stringify(gone.map(({ nodeId }) => nodeId))]),
  leases: gone.map(({ nodeId, renewedAt }) => ({ nodeId, renewedAt })),
});

/**
 * A row that a rival has just taken is seen with its new owner when its lock is free, and left alone; so are the
 * calls of a process that has renewed its lease since it was judged. The same claim may be sent again.
 */
const CLAIM = `
with wanted as (
  select c.*, l."renewedAt"
  from jsonb_to_recordset($2::jsonb) as c("callId" text, "nodeId" text, epoch int)
  join jsonb_to_recordset($3::jsonb) as l("nodeId" text, "renewedAt" text) on l."nodeId" = c."nodeId"
), claimed as (
  update call_snapshots s set node_id = $1, epoch = w.epoch + 1
  from wanted w left join application_nodes n on n.node_id = w."nodeId"
  where s.call_id = w."callId" and s.state <> 'ended' and (
    (s.epoch = w.epoch and s.node_id = w."nodeId" and n.renewed_at::text is not distinct from w."renewedAt")
    or (s.epoch = w.epoch + 1 and s.node_id = $1)
  )
  returning s.call_id, s.epoch, s.seq, s.machine_version, s.state, s.context
)
select c.call_id as "callId", c.epoch, c.seq, c.machine_version as "machineVersion", c.state, c.context,
  coalesce((
    select jsonb_object_agg(p.actor_path, p.incarnation)
    from (
      select actor_path, max(incarnation) as incarnation from call_transitions where call_id = c.call_id group by 1
    ) p
  ), '{}') as incarnations
from claimed c`;

export const claimCalls = (run: RunStatement, nodeId: string, { calls, leases }: Claim): Promise<ClaimedCall[]> =>
  run<ClaimedCall>(CLAIM, [nodeId, JSON.stringify(calls), JSON.stringify(leases)]);

const LOST = `
select s.call_id as "callId"
from jsonb_to_recordset($2::jsonb) as b("callId" text, epoch int)
join call_snapshots s on s.call_id = b."callId"
where s.epoch > b.epoch or (s.epoch = b.epoch and s.node_id <> $1)`;

export const findLost = async (
  run: RunStatement,
  nodeId: string,
  calls: readonly { callId: CallId; epoch: number }[],
): Promise<CallId[]> => {
  const held = calls.map(({ callId, epoch }) => ({ callId, epoch }));
  const rows = await run<{ callId: CallId }>(LOST, [nodeId, JSON.stringify(held)]);
  return rows.map(({ callId }) => callId);
};
