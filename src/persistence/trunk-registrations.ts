/** Which application registers which trunk, and what came of it. */
import { randomUUID } from 'node:crypto';
import type { RegistrationRecord } from '#domain/registration.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type RegistrationLease = { isOurs: boolean; sipCallId: string; expiresAt: number | null };

export type TrunkRegistrations = {
  /** Take or renew the lease, unless a living application holds it. */
  hold(trunkId: number): Promise<RegistrationLease>;
  release(trunkId: number): Promise<void>;
  /** Written by the holder of the lease alone. */
  save(trunkId: number, record: RegistrationRecord): Promise<void>;
  /** A trunk that does not register (any more). */
  forget(trunkId: number): Promise<void>;
};

const HOLD = `insert into trunk_registrations as r (trunk_id, state, sip_call_id, node_id, lease_until)
  values (?, 'waiting', ?, ?, now() + interval '20 seconds')
  on conflict (trunk_id) do update
  set node_id = excluded.node_id, lease_until = excluded.lease_until
  where r.node_id is null or r.node_id = excluded.node_id or r.lease_until < now()
    or not exists (
      select from application_nodes n
      where n.node_id = r.node_id and n.released_at is null and n.renewed_at > now() - interval '6 seconds')`;

const FIND = `select node_id = ? as "isOurs", sip_call_id as "sipCallId", expires_at as "expiresAt"
  from trunk_registrations where trunk_id = ?`;

const SAVE = `update trunk_registrations
  set state = ?, cause = ?, detail = ?, attempts = ?, expires_at = ?, next_attempt_at = ?, updated_at = now()
  where trunk_id = ? and (node_id = ? or node_id is null)`;

const RELEASE = 'update trunk_registrations set node_id = null, lease_until = null where trunk_id = ? and node_id = ?';

const dateOf = (time: number | null) => (time === null ? null : new Date(time));

/** All methods reject with `DatabaseError`. */
export const createTrunkRegistrations = (database: DatabaseAccess, nodeId: string): TrunkRegistrations => ({
  hold: (trunkId) =>
    guarded(database, async (em) => {
      await em.execute(HOLD, [trunkId, randomUUID(), nodeId]);
      const [row] = await em.execute<{ isOurs: boolean | null; sipCallId: string; expiresAt: Date | string | null }[]>(
        FIND,
        [nodeId, trunkId],
      );
      const expiresAt = row?.expiresAt ? new Date(row.expiresAt).getTime() : null;
      return { isOurs: row?.isOurs === true, sipCallId: row?.sipCallId ?? '', expiresAt };
    }),
  release: (trunkId) => guarded(database, async (em) => void (await em.execute(RELEASE, [trunkId, nodeId]))),
  save: (trunkId, { state, cause, detail, attempts, expiresAt, nextAttemptAt }) =>
    guarded(database, async (em) => {
      const values = [state, cause, detail, attempts, dateOf(expiresAt), dateOf(nextAttemptAt)];
      await em.execute(SAVE, [...values, trunkId, nodeId]);
    }),
  forget: (trunkId) =>
    guarded(
      database,
      async (em) => void (await em.execute('delete from trunk_registrations where trunk_id = ?', [trunkId])),
    ),
});
