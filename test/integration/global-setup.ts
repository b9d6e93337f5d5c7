/** One Postgres for the whole run, in a temporary folder, with a migrated template that each test file copies. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '#persistence/database.ts';
import { startEmbeddedPostgres } from '#persistence/embedded/embedded-postgres.ts';
import { silentLog } from '../fakes/silent-log.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the migrated template; never connect to it, copy it with `createTestDatabase`. */
    databaseUrl: string;
  }
}

const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-test-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory, durable: false, log: silentLog });
  const database = await openDatabase({ url: postgres.url, log: silentLog });
  await database.migrate();
  await database.close();
  project.provide('databaseUrl', postgres.url);

  return async () => {
    await postgres.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  };
};

// Vitest takes the default export or a named `setup`.
export { setup };
