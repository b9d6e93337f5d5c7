/** Opens what is kept: database, journal, repositories, ownership. */
import type { Log } from '#domain/log.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { openDatabase } from '#persistence/database.ts';
import { createJournal } from '#persistence/journal.ts';
import { createOwnership } from '#persistence/ownership.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';

export type StorageOptions = { url: string; dataDirectory: string; nodeId: string; log: Log };

const JOURNAL_STATEMENT_MS = 10_000;
const JOURNAL_CLOSE_MS = 5_000;

/** Rejects with a one-sentence error; what was opened before is closed again. Disposing closes in the reverse order. */
export const openStorage = async ({ url, dataDirectory, nodeId, log }: StorageOptions) => {
  await using parts = new AsyncDisposableStack();
  const database = await openDatabase({ url, log });
  parts.defer(() => database.close());
  await database.migrate();
  const ownership = createOwnership({ database, nodeId, log, dataDirectory });
  parts.defer(() => ownership.stop());
  await ownership.start();
  const runner = createStatementRunner({ url, poolSize: 2, timeoutMs: JOURNAL_STATEMENT_MS, log });
  parts.defer(() => runner.close());
  const journal = createJournal({ run: runner.run, log });
  parts.defer(() => journal.close({ timeoutMs: JOURNAL_CLOSE_MS }));
  const opened = parts.move();
  return {
    journal,
    ownership,
    calls: createCallsRepository(database),
    transcripts: createTranscriptsRepository(database),
    recordings: createRecordingsRepository(database),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};
