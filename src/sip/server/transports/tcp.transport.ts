import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fromBytes } from '#sip/server/message/sip-message.ts';
import { ListenError, type Address, type Flow, type Receive, type Transport } from './flow.ts';
import { createStreamFramer } from './stream-framer.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A peer that does not read is cut off rather than buffered for. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Opens a TCP port; connections are reused in both directions, by remote address. Throws `ListenError`. */
export async function openTcpTransport(listen: Address, receive: Receive): Promise<Transport> {
  const flows = new Map<string, Flow>();
  const sockets = new Set<Socket>();
  let isOpen = true;

  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => adopt(socket, remoteOf(socket)));
  server.listen(listen.port, listen.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(`tcp:${listen.host}:${listen.port}`, error as Error);
  }
  server.on('error', () => undefined);
  const bound = server.address();
  const local: Address = { host: listen.host, port: typeof bound === 'object' && bound ? bound.port : listen.port };

  function adopt(socket: Socket, remote: Address): Flow {
    const key = keyOf(remote);
    const framer = createStreamFramer();
    const flow: Flow = {
      protocol: 'tcp',
      local,
      remote,
      isOpen: () => !socket.destroyed,
      send: (text, failed) => {
        if (socket.destroyed) return queueMicrotask(() => failed(new Error('The connection is closed')));
        if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy(new Error('The peer does not read'));
        socket.write(text, 'latin1', (error) => {
          if (error) failed(error);
        });
      },
    };
    socket.on('data', (bytes) => {
      for (const item of framer.push(fromBytes(bytes))) {
        if (item.type === 'ping') socket.write('\r\n');
        else receive(item.text, flow, item.type === 'broken');
        if (item.type === 'broken') socket.destroySoon();
      }
    });
    // Errors end in `close`; a half-closed peer can still be answered until then.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (flows.get(key) === flow) flows.delete(key);
    });
    sockets.add(socket);
    flows.set(key, flow);
    return flow;
  }

  const open = (remote: Address): Flow => {
    const socket = connect({ host: remote.host, port: remote.port, noDelay: true, keepAlive: true });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      if (socket.connecting) socket.destroy(new Error('Connecting took too long'));
    });
    socket.once('connect', () => socket.setTimeout(0));
    return adopt(socket, remote);
  };

  const flowTo = (remote: Address): Flow => {
    const existing = flows.get(keyOf(remote));
    return existing?.isOpen() ? existing : open(remote);
  };

  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { protocol: 'tcp', local, flowTo, close };
}

const keyOf = ({ host, port }: Address): string => `${host}|${port}`;
const remoteOf = (socket: Socket): Address => ({ host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
