/** A small connection pool for the journal alone, so that no list query of the API can hold it up. */
import { CompiledQuery } from 'kysely';
import type { Log } from '#domain/log.ts';
import { createOrm, type Orm, placeOf } from './connection.ts';
import { DatabaseError, toDatabaseError } from './database-error.ts';
import type { RunStatement } from './journal-statement.ts';

export type StatementRunnerOptions = { url: string; poolSize: number; timeoutMs: number; log: Log };

export type StatementRunner = { run: RunStatement; close(): Promise<void> };

const execute = async <Row>(orm: Orm, text: string, parameters: readonly unknown[]): Promise<Row[]> => {
  const { rows } = await orm.em
    .fork()
    .getKysely()
    .executeQuery(CompiledQuery.raw(text, [...parameters]));
  // The statement alone decides what its rows are.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return rows as Row[];
};

/**
 * A statement that is not answered in `timeoutMs` counts as of unknown outcome: it rejects as `unavailable`, and the
 * pool is replaced, because a connection whose peer has vanished would otherwise be handed out again.
 */
export const createStatementRunner = (options: StatementRunnerOptions): StatementRunner => {
  const { url, poolSize, timeoutMs, log } = options;
  const place = placeOf(url);
  const open = () => createOrm({ url, poolSize, log });
  let orm = open();

  const replace = (stuck: typeof orm) => {
    if (orm !== stuck) return;
    orm = open();
    stuck.close(true).catch((error: unknown) => log.debug({ error: String(error) }, 'stuck connection closed'));
  };

  const run: RunStatement = <Row>(sql: string, parameters: readonly unknown[]) => {
    const used = orm;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new DatabaseError('unavailable', `Postgres at ${place} did not answer in ${timeoutMs} ms.`));
      replace(used);
    }, timeoutMs);
    const answer = execute<Row>(used, sql, parameters);
    // When it comes too late, nobody waits for it any more.
    answer.catch(() => {});
    return Promise.race([answer, late])
      .catch((error: unknown) => Promise.reject(toDatabaseError(error, place)))
      .finally(() => clearTimeout(timer));
  };

  return { run, close: () => orm.close(true) };
};
