/** Opens what is kept: database, journal, repositories, ownership. */
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { openDatabase } from '#persistence/database.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { createJournal } from '#persistence/journal.ts';
import { createOwnership } from '#persistence/ownership.ts';
import { createReconciler } from '#persistence/reconciler.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { openSpool } from '#persistence/spool.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';

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

/** A process that stood still for longer has to ask which calls are still its own before it says another word. */
export const LEASE_MS = 6_000;
/** A database that hangs for longer counts as out: what gathers goes to the spool. */
const JOURNAL_STATEMENT_MS = 4_000;
const JOURNAL_CLOSE_MS = 5_000;

/** Rejects with a one-sentence error; what was opened before is closed again. Disposing closes in the reverse order. */
export const openStorage = async (options: StorageOptions) => {
  const { url, dataDirectory, nodeId, log, onFenced } = options;
  await using parts = new AsyncDisposableStack();
  const database = await openDatabase({ url, log });
  parts.defer(() => database.close());
  await database.migrate();
  const ownership = createOwnership({ database, nodeId, log, dataDirectory, leaseMs: LEASE_MS });
  parts.defer(() => ownership.stop());
  await ownership.start();
  const runner = createStatementRunner({ url, poolSize: 3, timeoutMs: JOURNAL_STATEMENT_MS, log });
  parts.defer(() => runner.close());
  const spool = await openSpool({ directory: join(dataDirectory, 'spool'), log });
  parts.defer(() => spool.close());
  const run: RunStatement = async <Row>(sql: string, parameters: readonly unknown[]) => {
    const startedAt = performance.now();
    const rows = await runner.run<Row>(sql, parameters);
    options.onFlushed((performance.now() - startedAt) / 1_000);
    return rows;
  };
  const journal = createJournal({ run, log, spool, onFenced });
  parts.defer(() => journal.close({ timeoutMs: JOURNAL_CLOSE_MS }));
  // What an earlier process could only write beside the database comes before what is claimed out of it.
  await journal.caughtUp();
  const opened = parts.move();
  return {
    database,
    journal,
    ownership,
    reconciler: createReconciler({ database, nodeId, log }),
    calls: createCallsRepository(database),
    transcripts: createTranscriptsRepository(database),
    recordings: createRecordingsRepository(database),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};
