/** Opens MikroORM on a database URL, with time limits and without writing SQL or passwords to the log. */
import { MikroORM, type Options } from '@mikro-orm/postgresql';
import type { Log } from '#domain/log.ts';

export type ConnectionOptions = {
  url: string;
  poolSize: number;
  log: Log;
  entities?: Options['entities'];
  migrations?: Options['migrations'];
  extensions?: Options['extensions'];
};

export type Orm = MikroORM;

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** `host:port` of a database URL, for messages: without user and password. */
export const placeOf = (url: string): string => {
  const { hostname, port } = new URL(url);
  return `${hostname || 'localhost'}:${port || '5432'}`;
};

/** Nothing is connected yet: the first statement does that. */
export const createOrm = ({ url, poolSize, log, entities = [], migrations, extensions }: ConnectionOptions): Orm =>
  new MikroORM({
    clientUrl: url,
    entities,
    ...(migrations && { migrations }),
    ...(extensions && { extensions }),
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: poolSize, idleTimeoutMillis: 30_000 },
    timezone: 'UTC',
    forceUtcTimezone: true,
    debug: false,
    logger: (message) => log.debug({}, message),
    driverOptions: {
      // Carries what a bare host and port would lose, such as sslmode.
      connectionString: url,
      application_name: 'trunkline',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    },
  });
