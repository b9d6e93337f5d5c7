/** The embedded Postgres as a part of the launcher: watched by connecting to it, since it may be an adopted one. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#domain/log.ts';
import { startEmbeddedPostgres } from '#persistence/embedded/embedded-postgres.ts';
import type { StartPart } from './running-part.ts';

const PROBE_EVERY_MS = 1000;

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const watchUntilGone = async (port: number, signal: AbortSignal): Promise<string> => {
  while (!signal.aborted) {
    await delay(PROBE_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    if (!signal.aborted && !(await accepts(port))) return 'it no longer accepts connections';
  }
  return 'stopped';
};

export type PostgresOptions = { dataDirectory: string; port: number; log: Log };

/** The ready line holds `url`, `port`, `version` and `adopted`. */
export const postgresPart =
  ({ dataDirectory, port, log }: PostgresOptions): StartPart =>
  async (previous) => {
    const wantedPort = typeof previous?.['port'] === 'number' ? previous['port'] : port;
    const postgres = await startEmbeddedPostgres({ dataDirectory, port: wantedPort, log });
    const watching = new AbortController();
    const { url, version, adopted } = postgres;
    return {
      pid: null,
      ready: { ready: true, url, port: postgres.port, version, adopted },
      ended: watchUntilGone(postgres.port, watching.signal),
      stop: async () => {
        watching.abort();
        await postgres.stop();
      },
      kill: () => {
        watching.abort();
        postgres.stop().catch(() => {});
      },
    };
  };
