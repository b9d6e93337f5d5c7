/**
 * `npm run db:check`: fails when the migrations and the entities disagree. It migrates an empty database of its own, so
 * it needs none and says nothing about any; with DATABASE_URL set it checks that database instead.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#config.ts';
import { openDatabase } from '#persistence/database.ts';
import { startEmbeddedPostgres } from '#persistence/embedded/embedded-postgres.ts';
import { pino } from 'pino';

const log = pino({ level: 'warn' });

const driftOf = async (url: string, isOurs: boolean): Promise<string[]> => {
  const database = await openDatabase({ url, log });
  try {
    if (isOurs) await database.migrate();
    return await database.schemaDrift();
  } finally {
    await database.close();
  }
};

const driftOfMigrations = async (): Promise<string[]> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-schema-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ dataDirectory, durable: false, log });
  opened.defer(() => postgres.stop());
  return await driftOf(postgres.url, true);
};

try {
  const { url } = loadConfig().database;
  const drift = await (url ? driftOf(url, false) : driftOfMigrations());
  for (const statement of drift) process.stdout.write(`${statement}\n`);
  process.stdout.write(drift.length > 0 ? 'The schema has drifted.\n' : 'Schema and entities agree.\n');
  process.exitCode = drift.length > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
