/** The rehearsal server as a program. Prints one JSON line when it is ready; SIGTERM and SIGINT end it with 0. */
import { ConfigError, loadConfig } from '#config.ts';
import { createRehearsalServer } from './server.ts';

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

const readConfig = () => {
  try {
    return loadConfig().rehearsal;
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message);
    throw error;
  }
};

const { host: wantedHost, port: wantedPort } = readConfig();
const server = createRehearsalServer({ host: wantedHost, port: wantedPort });

const explain = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const address = `${wantedHost}:${wantedPort}`;
  if (code === 'EADDRINUSE') return `The rehearsal server cannot start: another program listens on ${address}.`;
  return `The rehearsal server cannot start on ${address}: ${error instanceof Error ? error.message : String(error)}`;
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}

try {
  console.log(JSON.stringify({ ready: true, ...(await server.start()) }));
} catch (error) {
  fail(explain(error));
}
