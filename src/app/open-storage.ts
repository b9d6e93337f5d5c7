/** Opens what is kept: database, journal, repositories, ownership. */
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { createJournal, type PostgresJournal } from '#persistence/journal.ts';
import { createOwnership } from '#persistence/ownership.ts';
import { createReconciler } from '#persistence/reconciler.ts';
import { createRecordingsRepository, type RecordingsRepository } from '#persistence/recordings.repository.ts';
import { takeSpoolFolder } from '#persistence/spool-folder.ts';
import { openSpool } from '#persistence/spool.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';
import { createConversationMemory } from './conversation-memory.ts';
import { createPatientWrites } from './patient-writes.ts';
import { LEASE_MS } from './start-media.ts';

export type StorageOptions = {
  url: string;
  dataDirectory: string;
  nodeId: string;
  log: Log;
  /** Another process owns the call now. */
  onFenced: (callId: CallId) => void;
  /** A batch of the journal was committed, in so many seconds. */
  onFlushed: (seconds: number) => void;
};

/** A database that hangs for longer counts as out: what gathers goes to the spool. */
const JOURNAL_STATEMENT_MS = 4_000;
const JOURNAL_CLOSE_MS = 5_000;
/** What the predecessor has spooled is brought into the database first, unless that takes so long that callers would go. */
const CATCH_UP_MS = 5_000;

const isOut = (error: unknown) => error instanceof DatabaseError && error.code === 'unavailable';

/** Once, as soon as the database answers: nothing is written before it has the tables of this version. */
const migrateOnce = (database: Database, log: Log) => {
  let migrating: Promise<unknown> | null = null;
  return (): Promise<unknown> => {
    migrating ??= database.migrate().catch((error: unknown) => {
      migrating = null;
      if (!isOut(error)) log.error({ error: String(error) }, 'The database cannot be brought to this version.');
      throw error;
    });
    return migrating;
  };
};

/** False when the time passed, or the journal was closed, before. */
const catchesUp = async (journal: PostgresJournal): Promise<boolean> => {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, CATCH_UP_MS, false);
  const caughtUp = journal.caughtUp().then(
    () => true,
    () => false,
  );
  const isBehind = !(await Promise.race([caughtUp, late]));
  clearTimeout(timer);
  return !isBehind;
};

/**
 * Rejects with a one-sentence error; what was opened before is closed again. Disposing closes in the reverse order.
 * Postgres may be out when the spool holds something: `spooledCalls` are then live calls of the process that is gone.
 */
export const openStorage = async (options: StorageOptions) => {
  const { url, dataDirectory, nodeId, log, onFenced } = options;
  await using parts = new AsyncDisposableStack();
  const folder = parts.use(await takeSpoolFolder({ directory: join(dataDirectory, 'spool'), log }));
  const spool = await openSpool({ directory: folder.path, log });
  parts.defer(() => spool.close());
  const database = await openDatabase({ url, log, mayBeOut: !spool.isEmpty });
  parts.defer(() => database.close());
  const migrate = migrateOnce(database, log);
  const isUp = spool.isEmpty || (await database.answers());
  if (isUp) await migrate();
  else log.warn({ place: database.place, bytes: spool.bytes }, 'Postgres does not answer; started from the spool.');
  const isBehind = () => !spool.isEmpty;
  const ownership = createOwnership({
    ...{ database, nodeId, log, dataDirectory, isBehind },
    leaseMs: LEASE_MS,
  });
  parts.defer(() => ownership.stop());
  await ownership.start({ isUp });
  const runner = createStatementRunner({ url, poolSize: 3, timeoutMs: JOURNAL_STATEMENT_MS, log });
  parts.defer(() => runner.close());
  const run: RunStatement = async <Row>(sql: string, parameters: readonly unknown[]) => {
    await migrate();
    const startedAt = performance.now();
    const rows = await runner.run<Row>(sql, parameters);
    options.onFlushed((performance.now() - startedAt) / 1_000);
    return rows;
  };
  const journal = createJournal({ run, log, spool, onFenced });
  parts.defer(() => journal.close({ timeoutMs: JOURNAL_CLOSE_MS }));
  // What an earlier process could only write beside the database comes before what is claimed out of it.
  const isCaughtUp = isUp && (await catchesUp(journal));
  // Nobody is to wait for connections once calls are written: one for each writer.
  if (isUp) await Promise.allSettled([run('select 1', []), run('select 1', [])]);
  const spooledCalls = isCaughtUp ? [] : await spool.takeCalls(nodeId);
  const { saveSegment, ...transcripts } = createTranscriptsRepository(database);
  const recordings = createRecordingsRepository(database);
  const memory = createConversationMemory({ list: transcripts.list });
  // An outage may be longer than the rest of a call: its recording and its last words are written all the same.
  const { keep } = parts.use(createPatientWrites({ log }));
  const opened = parts.move();
  return {
    database,
    journal,
    ownership,
    spooledCalls,
    reconciler: createReconciler({ database, nodeId, log }),
    calls: createCallsRepository(database),
    transcripts: {
      ...transcripts,
      saveSegment: (callId: CallId, segment: TranscriptSegment) => {
        memory.note(callId, segment);
        return keep(() => saveSegment(callId, segment));
      },
    },
    recordings: {
      ...recordings,
      started: (...started: Parameters<RecordingsRepository['started']>) => keep(() => recordings.started(...started)),
      published: (...published: Parameters<RecordingsRepository['published']>) =>
        keep(() => recordings.published(...published)),
      failed: (...failed: Parameters<RecordingsRepository['failed']>) => keep(() => recordings.failed(...failed)),
    },
    memory,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};
