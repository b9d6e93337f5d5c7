/** What the database can answer instead of a result. */
export type DatabaseErrorCode =
  /** It cannot be reached, is shutting down, or has no resources left: the same statement may succeed later. */
  | 'unavailable'
  /** It answers, but refuses login or has no such database. */
  | 'refused'
  /** It holds migrations that this program does not know. */
  | 'newer'
  /** This value cannot be stored (SQLSTATE classes 22, 23, 54). */
  | 'badData'
  | 'fault';

export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  /** Null when the failure was not reported by Postgres. */
  readonly sqlState: string | null;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions & { sqlState?: string | null }) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
    this.sqlState = options?.sqlState ?? null;
  }
}

const SQL_STATE = /^[0-9A-Z]{5}$/;

/** The five characters that Postgres gave, or null for errors of the connection. */
export const sqlStateOf = (error: unknown): string | null => {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && SQL_STATE.test(code) ? code : null;
};

const CODE_BY_CLASS: Readonly<Record<string, DatabaseErrorCode>> = {
  '08': 'unavailable',
  '53': 'unavailable',
  '57': 'unavailable',
  '22': 'badData',
  '23': 'badData',
  '54': 'badData',
  '28': 'refused',
  '3D': 'refused',
};

/** An error of the connection itself has no SQLSTATE: nothing was answered, so the outcome is unknown. */
const classify = (error: unknown, sqlState: string | null): DatabaseErrorCode => {
  if (sqlState !== null) return CODE_BY_CLASS[sqlState.slice(0, 2)] ?? 'fault';
  // The driver itself finds that the password is missing or that the server does not know it.
  return firstLine(error).startsWith('SASL') ? 'refused' : 'unavailable';
};

/** First line only: what follows may quote the row, which holds phone numbers. */
const firstLine = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? '';
};

/** Translate what the driver threw. `place` is `host:port`. */
export const toDatabaseError = (error: unknown, place: string): DatabaseError => {
  if (error instanceof DatabaseError) return error;
  const sqlState = sqlStateOf(error);
  const code = classify(error, sqlState);
  const reason = sqlState === null ? reasonOf(error) : firstLine(error);
  const said = code === 'unavailable' ? 'does not answer' : code === 'refused' ? 'refuses the login' : 'failed';
  return new DatabaseError(code, `Postgres at ${place} ${said}: ${reason}.`, { cause: error, sqlState });
};

/** Node gives an empty message when several addresses of a host failed. */
const reasonOf = (error: unknown): string => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return firstLine(first) || 'connection lost';
};

/** The constraint that an error of Postgres names, or null. */
export const constraintOf = (error: unknown): string | null => {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('constraint' in at && typeof at.constraint === 'string') return at.constraint;
  }
  return null;
};
