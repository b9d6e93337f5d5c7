/** The rehearsal server over TLS, in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { createRehearsalServer } from '#gemini/rehearsal/server.ts';

const tls = workerData as { cert: string; key: string } | null;
const server = createRehearsalServer({ host: '127.0.0.1', port: 0, ...(tls && { tls }) });
parentPort?.postMessage(await server.start());
parentPort?.once('message', () => void server.stop());
