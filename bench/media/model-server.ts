/** Starts the rehearsal server in its thread, with a certificate made for the occasion, and asks its control endpoint. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { SessionRecord } from '#gemini/rehearsal/session-record.ts';

export type ModelServer = AsyncDisposable & {
  /** What the application needs to reach and to trust it. */
  env: Record<string, string>;
  /** In the order in which they were opened. */
  sessions(): Promise<SessionRecord[]>;
  interrupt(sessionId: string): Promise<void>;
};

const HOST = '127.0.0.1';
const run = promisify(execFile);

const makeCertificate = async (directory: string) => {
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=rehearsal', '-addext', `subjectAltName=IP:${HOST}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  await run('openssl', ['req', '-x509', '-days', '2', ...key, '-out', certFile, ...subject]);
  return { certFile, cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
};

/** Needs the program `openssl`. */
export const startModelServer = async (): Promise<ModelServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'trunkline-bench-tls-'));
  const { certFile, cert, key } = await makeCertificate(directory);
  const thread = new Worker(new URL('./model-thread.ts', import.meta.url), { workerData: { cert, key } });
  const [{ port }] = (await once(thread, 'message')) as [{ port: number }];
  const agent = new Agent({ keepAlive: true, ca: cert });

  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const asking = request({ host: HOST, port, agent, method, path });
    asking.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(asking, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  };

  return {
    env: { GEMINI_BASE_URL: `https://${HOST}:${port}`, GEMINI_API_KEY: 'rehearsal', NODE_EXTRA_CA_CERTS: certFile },
    sessions: async () => {
      const { sessions } = (await ask('GET', '/control/sessions')) as { sessions: SessionRecord[] };
      return sessions.toSorted((left, right) => left.openedAt - right.openedAt);
    },
    interrupt: async (sessionId) => {
      await ask('POST', `/control/sessions/${sessionId}/actions`, { action: 'interrupt' });
    },
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      thread.postMessage('stop');
      await thread.terminate();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
