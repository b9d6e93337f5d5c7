/** The rehearsal server as a program. Prints one JSON line when it is ready; SIGTERM and SIGINT end it with 0. */
import { loadConfig } from '#config.ts';
import { createRehearsalServer } from './server.ts';

const { rehearsal } = loadConfig();
const server = createRehearsalServer(rehearsal);

const explain = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const address = `${rehearsal.host}:${rehearsal.port}`;
  if (code === 'EADDRINUSE') return `The rehearsal server cannot start: another program listens on ${address}.`;
  return `The rehearsal server cannot start on ${address}: ${error instanceof Error ? error.message : String(error)}`;
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}

try {
  const { host, port } = await server.start();
  console.log(JSON.stringify({ ready: true, host, port }));
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
