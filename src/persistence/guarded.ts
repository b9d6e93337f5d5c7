import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from './database.ts';
import { toDatabaseError } from './database-error.ts';

/** What repositories need of the database. */
export type DatabaseAccess = Pick<Database, 'fork' | 'place'>;

/** Run one piece of work on an entity manager of its own; rejects with `DatabaseError` only. */
export const guarded = async <T>(database: DatabaseAccess, work: (em: EntityManager) => Promise<T>): Promise<T> => {
  try {
    return await work(database.fork());
  } catch (error) {
    throw toDatabaseError(error, database.place);
  }
};
