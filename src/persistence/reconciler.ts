/** Keeps the rows true: what no process runs any more is settled, what only the disk knows of gets its row. */
import type { CallId } from '#domain/call.ts';
import type { DatabaseAccess } from './guarded.ts';
import { findOrphans, findOwned, settle, type SettledCall } from './settlement.ts';

export type ReconcilerOptions = { database: DatabaseAccess; nodeId: string };

/** Whether this process still has to do with the call: its actor runs, or entries of it are queued or spooled. */
type Liveness = { isLive: (callId: CallId) => boolean };

export type Reconciler = {
  /** Calls that were claimed, but of which no actor could be made. `detail` says why, for the operator. */
  settleUnrecoverable(callIds: readonly CallId[], detail: string): Promise<readonly SettledCall[]>;
  /** Rows with a live status whose call is over everywhere. Calls of other processes are left to claims. */
  settleOrphans(liveness: Liveness): Promise<readonly SettledCall[]>;
};

const ORPHANED = 'The process that ran the call ended.';

/** All methods reject with `DatabaseError`. */
export const createReconciler = ({ database, nodeId }: ReconcilerOptions): Reconciler => ({
  settleUnrecoverable: async (callIds, detail) => settle(database, await findOwned(database, nodeId, callIds), detail),
  settleOrphans: async ({ isLive }) => {
    const orphans = await findOrphans(database, nodeId);
    return settle(
      database,
      orphans.filter(({ callId }) => !isLive(callId)),
      ORPHANED,
    );
  },
});
