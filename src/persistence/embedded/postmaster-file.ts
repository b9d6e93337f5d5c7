/** Reads `postmaster.pid`, by which a running Postgres of a data folder is found. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { systemCodeOf } from './errors.ts';

export type Postmaster = { pid: number; port: number; status: string };

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
};

/** The postmaster named by the file, or null when there is none or its process is gone. */
export const readPostmaster = async (cluster: string): Promise<Postmaster | null> => {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0] ?? '');
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return { pid, port: Number(lines[3] ?? 0), status: lines[7] ?? '' };
};

/** SSLRequest (protocol message 80877103): any Postgres answers it with one byte before authentication. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Whether a Postgres answers at a local port; guards against a stale file whose pid belongs to somebody else. */
export const answersAsPostgres = (port: number, timeoutMs = 2_000): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
    socket.on('connect', () => socket.write(SSL_REQUEST));
    socket.on('data', (data) => settle(data[0] === 0x4e || data[0] === 0x53));
  });
