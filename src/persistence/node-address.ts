/** Where a process answers with its node id: proof of life that needs no database. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

const LONGEST_ID = 200;
const BACKLOG_MS = 2_000;

export type NodeAddress = { address: string; close(): void };

/** Every connection is told the node id and closed. `host` is bound and told to the others. */
export const answerAt = async (host: string, nodeId: string): Promise<NodeAddress> => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(BACKLOG_MS, () => socket.destroy());
    socket.end(nodeId);
  });
  server.listen(0, host);
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { address: `${host}:${port}`, close: () => void server.close() };
};

/**
 * Whether the process with this node id answers. The connection alone proves nothing: the system accepts it for a
 * stopped process, and the port may belong to another by now.
 */
export const answers = (address: string, nodeId: string, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const separator = address.lastIndexOf(':');
    const socket = connect(Number(address.slice(separator + 1)), address.slice(0, separator));
    let told = '';
    const settle = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(told === nodeId);
    };
    const timer = setTimeout(settle, timeoutMs);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      told += text;
      if (told.length > LONGEST_ID) settle();
    });
    socket.on('end', settle);
    socket.on('error', settle);
  });
