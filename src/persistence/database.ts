/** The database as a whole: opening, migrating, checking, closing. */
import { readdir } from 'node:fs/promises';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { type EntityManager } from '@mikro-orm/postgresql';
import type { Log } from '#domain/log.ts';
import { createOrm, type Orm, placeOf } from './connection.ts';
import { DatabaseError, toDatabaseError } from './database-error.ts';
import { AgentProfileRow, AgentProfileVersion, CallPrompt } from './entities/agent-profile.entity.ts';
import { ApplicationNode } from './entities/application-node.entity.ts';
import { AuditEntry } from './entities/audit-entry.entity.ts';
import { PaymentRequest, SlotAdjustment, SystemSetting } from './entities/billing.entity.ts';
import { CallSnapshot, CallTransition } from './entities/call-journal.entity.ts';
import { CallSession } from './entities/call-session.entity.ts';
import { CampaignLead } from './entities/campaign-lead.entity.ts';
import { Campaign } from './entities/campaign.entity.ts';
import { CampaignRun, DoNotCall } from './entities/campaign-run.entity.ts';
import { Lead } from './entities/lead.entity.ts';
import { CallEnding, JobRow } from './entities/job.entity.ts';
import { RecordingRow } from './entities/recording.entity.ts';
import { TranscriptSegmentRow } from './entities/transcript-segment.entity.ts';
import { User } from './entities/user.entity.ts';
import { CapacityLease, TrunkRegistration, TrunkRow } from './entities/trunk.entity.ts';

const POOL_SIZE = 10;
const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const ENTITIES = [
  ...[CallSession, CallTransition, CallSnapshot, TranscriptSegmentRow, RecordingRow, ApplicationNode],
  ...[TrunkRow, TrunkRegistration, CapacityLease],
  ...[JobRow, CallEnding],
  ...[CampaignRun, DoNotCall],
  ...[AgentProfileRow, AgentProfileVersion, CallPrompt],
  ...[User, Lead, Campaign, CampaignLead, PaymentRequest, SlotAdjustment, SystemSetting, AuditEntry],
];
/** Any number will do, as long as every version uses the same one. */
const MIGRATION_LOCK = 7_282_955;

export type DatabaseOptions = {
  url: string;
  log: Log;
  /** Open it although nothing answers: for who holds a spool and can begin without it. Default: false. */
  mayBeOut?: boolean;
};

export type Database = {
  /** `host:port`, for messages. */
  place: string;
  /** With the password: for what opens a connection of its own. */
  url: string;
  /** A fork for one piece of work: entities are not shared between them. */
  fork(): EntityManager;
  /** False while it cannot be reached; rejects when it refuses us. */
  answers(): Promise<boolean>;
  /** Apply what is missing and return its names. Safe when several programs start at once. */
  migrate(): Promise<string[]>;
  /** Statements that would bring the database in line with the entities; empty when it is. */
  schemaDrift(): Promise<string[]>;
  close(): Promise<void>;
};

const refuseNewer = async (orm: Orm, place: string): Promise<void> => {
  const known = new Set((await readdir(MIGRATIONS)).map((file) => parse(file).name));
  const executed = await orm.migrator.getExecuted();
  const unknown = executed.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new DatabaseError(
    'newer',
    `The database at ${place} was migrated by a newer version of this program (it holds ${unknown.join(', ')}): start that version, or set DATABASE_URL to another database.`,
  );
};

const migrate = (orm: Orm, place: string): Promise<string[]> =>
  // The lock lives in a transaction of its own, so it is freed however the migration ends.
  orm.em.fork().transactional(async (locked) => {
    await locked.execute('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await refuseNewer(orm, place);
    const applied = await orm.migrator.up();
    return applied.map(({ name }) => name);
  });

const schemaDrift = async (orm: Orm): Promise<string[]> => {
  const sql = await orm.schema.getUpdateSchemaSQL({ wrap: false });
  return sql
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
};

/**
 * Open the database and prove that it answers, unless it may be out.
 * Throws `DatabaseError` (`unavailable`, `refused`) with a sentence that names host and port, never the password.
 */
export const openDatabase = async ({ url, log, mayBeOut = false }: DatabaseOptions): Promise<Database> => {
  const place = placeOf(url);
  const orm = createOrm({
    url,
    log,
    poolSize: POOL_SIZE,
    entities: ENTITIES,
    extensions: [Migrator],
    migrations: { path: MIGRATIONS, snapshot: false, silent: true },
  });
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toDatabaseError(error, place);
    }
  };
  const prove = () => guarded(() => orm.em.fork().execute('select 1'));
  const answers = async (): Promise<boolean> => {
    try {
      await prove();
      return true;
    } catch (error) {
      if (error instanceof DatabaseError && error.code === 'unavailable') return false;
      throw error;
    }
  };
  try {
    await (mayBeOut ? answers() : prove());
  } catch (error) {
    await orm.close(true);
    throw error;
  }
  return {
    place,
    url,
    fork: () => orm.em.fork(),
    answers,
    migrate: () => guarded(() => migrate(orm, place)),
    schemaDrift: () => guarded(() => schemaDrift(orm)),
    close: () => orm.close(true),
  };
};
