/** Keeps the rows true: what no process runs any more is settled, what only the disk knows of gets its row. */
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { Adoption, SessionFacts } from '#domain/session.ts';
import type { OwnerScope } from '#domain/user.ts';
import { type AdoptedCall, createAdoption } from './adoption.ts';
import type { DatabaseAccess } from './guarded.ts';
import { findOrphans, findOwned, settle, type SettledCall } from './settlement.ts';
import { unfinishedRecordings, type UnfinishedRecording } from './unfinished-recordings.ts';

export type ReconcilerOptions = { database: DatabaseAccess; nodeId: string; log: Log };

/**
 * Whether this process still has to do with the call: its actor runs, or entries of it are queued or spooled
 * (`PostgresJournal.isTracked`).
 */
type Liveness = { isLive: (callId: CallId) => boolean };

export type Reconciler = {
  /** Calls that were claimed, but of which no actor could be made. `detail` says why, for the operator. */
  settleUnrecoverable(callIds: readonly CallId[], detail: string): Promise<readonly SettledCall[]>;
  /** Rows with a live status whose call is over everywhere. Calls of other processes are left to claims. */
  settleOrphans(liveness: Liveness): Promise<readonly SettledCall[]>;
  /** Recordings of ended calls that nobody is going to finish. */
  unfinishedRecordings(liveness: Liveness): AsyncIterable<UnfinishedRecording>;
  /** Session folders without a row: status `completed`, times from what the folder tells. Repeatable. */
  adoptOrphanRecordings(sessionsDirectory: string, liveness: Liveness): Promise<readonly AdoptedCall[]>;
  /** The folder of one call, now. */
  adoptOrphan(sessionsDirectory: string, sessionId: string, liveness: Liveness): Promise<Adoption>;
  /** Session folders whose row cannot be written. */
  unregistered(scope: OwnerScope): readonly SessionFacts[];
};

const ORPHANED = 'The process that ran the call ended.';

/** All methods reject with `DatabaseError`. */
export const createReconciler = ({ database, nodeId, log }: ReconcilerOptions): Reconciler => {
  const adoption = createAdoption({ database, log });
  return {
    settleUnrecoverable: async (callIds, detail) =>
      settle(database, await findOwned(database, nodeId, callIds), detail),
    settleOrphans: async ({ isLive }) => {
      const orphans = await findOrphans(database, nodeId);
      const forgotten = orphans.filter(({ callId }) => !isLive(callId));
      return settle(database, forgotten, ORPHANED);
    },
    async *unfinishedRecordings({ isLive }) {
      for await (const recording of unfinishedRecordings(database)) if (!isLive(recording.callId)) yield recording;
    },
    adoptOrphanRecordings: (sessionsDirectory, { isLive }) => adoption.adopt(sessionsDirectory, isLive),
    adoptOrphan: (sessionsDirectory, id, { isLive }) => adoption.adoptOne(sessionsDirectory, id, isLive),
    unregistered: adoption.unregistered,
  };
};
