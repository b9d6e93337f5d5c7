import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { ListenError, type Address } from '#sip/server/transports/flow.ts';
import type { AppConnection } from './app-connection.ts';
import { parseCommand, type AppCommand } from './command.ts';
import { createFrameDecoder, encodeFrame } from './frame-codec.ts';
import { noFrame, okFrame } from './frames.ts';

const KEEP_ALIVE_MS = 45_000;
const LOGIN_FRAME_LIMIT = 4096;
const LOGIN_TIMEOUT_MS = 10_000;
const FRAME_LIMIT = 999_999_999;
/** An application that does not read for so long is as good as gone. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

export type ControlServerDeps = {
  secret: string;
  /** Fields of the answer to a login: addresses, version, local addresses. */
  welcome(): string[];
  /** Executes one command of a logged-in connection; false when its name is unknown. */
  execute(connection: AppConnection, command: AppCommand): boolean;
  gone(connection: AppConnection): void;
};

export type ControlServer = { address: Address; close(): Promise<void> };

/** Accepts applications. Nothing but `authenticate` is answered before the secret has been given. Throws `ListenError`. */
export async function openControlServer(listen: Address, deps: ControlServerDeps): Promise<ControlServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, deps);
  });
  server.listen(listen.port, listen.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(`${listen.host}:${listen.port} for applications`, error as Error);
  }
  server.on('error', () => undefined);
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : listen.port;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { address: { host: listen.host, port }, close };
}

function serve(socket: Socket, deps: ControlServerDeps): void {
  const decoder = createFrameDecoder(LOGIN_FRAME_LIMIT);
  const connection: AppConnection = {
    isOpen: () => !socket.destroyed && socket.writable,
    send: (payload) => {
      if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
      if (socket.writable) socket.write(encodeFrame(payload), 'latin1');
    },
  };
  let isLoggedIn = false;

  const refuse = (messageId: string, reason: string): void => {
    connection.send(noFrame(messageId, reason));
    socket.end();
  };

  const logIn = ({ messageId, name, fields }: AppCommand): void => {
    if (name !== 'authenticate') return refuse(messageId, 'not authenticated');
    if (!isSame(fields[0] ?? '', deps.secret)) return refuse(messageId, 'incorrect secret');
    isLoggedIn = true;
    socket.setTimeout(0);
    decoder.setLimit(FRAME_LIMIT);
    connection.send(okFrame(messageId, ...deps.welcome()));
  };

  const handle = (payload: string): void => {
    if (!socket.writable) return;
    const command = parseCommand(payload);
    if (!command) return refuse(payload, 'Invalid message format');
    if (!isLoggedIn || command.name === 'authenticate') return logIn(command);
    if (!deps.execute(connection, command)) refuse(command.messageId, 'Unknown message type');
  };

  socket.setTimeout(LOGIN_TIMEOUT_MS, () => socket.destroy());
  socket.on('data', (bytes) => {
    const payloads = decoder.push(bytes);
    if (payloads) payloads.forEach(handle);
    else socket.destroy();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => deps.gone(connection));
}

/** Compares without telling by its duration how much was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'latin1').digest();
  return timingSafeEqual(digest(given), digest(Buffer.from(expected, 'utf8').toString('latin1')));
}
