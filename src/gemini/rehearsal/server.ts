/** The rehearsal server: the Live API's wire protocol, `generateContent` and a control endpoint on one port. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { loadClips } from './clips.ts';
import { control } from './control-routes.ts';
import { generateContent } from './generate-content.ts';
import { SessionRegistry, type Log } from './session-registry.ts';
import { createVoices } from './voices.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

export type RehearsalServerOptions = {
  host: string;
  /** 0: any free port. */
  port: number;
  /** PEM; given, the server speaks https and wss instead of http and ws. */
  tls?: { cert: string | Buffer; key: string | Buffer };
  /** Another folder with a `clips.json`. */
  clipsDirectory?: string;
  log?: Log;
};

export type RehearsalServer = {
  /** Resolves when it listens; rejects with the error of the socket (`EADDRINUSE`, …). */
  start(): Promise<{ host: string; port: number }>;
  /** Cuts every connection. */
  stop(): Promise<void>;
};

export const createRehearsalServer = (options: RehearsalServerOptions): RehearsalServer => {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  let server: Server | null = null;

  const start = async () => {
    const voices = createVoices(await loadClips(options.clipsDirectory));
    const registry = new SessionRegistry(voices, options.log ?? (() => {}));
    const created = options.tls ? createSecureServer(options.tls) : createServer();
    server = created;
    created.on('request', (request, response) => void handleRequest(registry, request, response));
    created.on('upgrade', (request, socket, head) => handleUpgrade({ registry, sockets }, request, socket, head));
    await new Promise<void>((resolve, reject) => {
      created.once('error', reject);
      created.listen(options.port, options.host, resolve);
    });
    const address = created.address();
    const port = typeof address === 'object' && address !== null ? address.port : options.port;
    return { host: options.host, port };
  };

  const stop = async () => {
    for (const client of sockets.clients) client.terminate();
    const listening = server;
    server = null;
    if (!listening?.listening) return;
    await new Promise<void>((resolve) => {
      listening.close(() => resolve());
      listening.closeAllConnections();
    });
  };

  return { start, stop };
};

/** The SDK's path begins with two slashes. */
const absolute = (request: IncomingMessage): string => `http://rehearsal${(request.url ?? '/').replace(/^\/+/, '/')}`;

const keyOf = (request: IncomingMessage, url: URL): string =>
  url.searchParams.get('key') ??
  url.searchParams.get('access_token') ??
  String(request.headers['x-goog-api-key'] ?? '');

const handleUpgrade = (
  { registry, sockets }: { registry: SessionRegistry; sockets: WebSocketServer },
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void => {
  // A peer that is gone before the upgrade is over.
  socket.on('error', () => socket.destroy());
  const url = URL.parse(absolute(request));
  if (!url?.pathname.includes('BidiGenerateContent')) return refuseUpgrade(socket, 404);
  const key = keyOf(request, url);
  const drawn = registry.drawAtUpgrade(key);
  const refusal = drawn.faults.find((fault) => fault.kind === 'refuse');
  if (refusal) return refuseUpgrade(socket, refusal.status);
  sockets.handleUpgrade(request, socket, head, (webSocket) =>
    registry.adopt(webSocket, { key, path: url.pathname, drawn }),
  );
};

const refuseUpgrade = (socket: Duplex, status: number): void => {
  if (status === 0) socket.destroy();
  else
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
};

const handleRequest = async (
  registry: SessionRegistry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  try {
    const { status, body } = route(registry, request, await readBody(request));
    const bytes = Buffer.isBuffer(body);
    response.writeHead(status, { 'content-type': bytes ? 'application/octet-stream' : 'application/json' });
    response.end(bytes ? body : JSON.stringify(body));
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: 400, message: String(error), status: 'INVALID_ARGUMENT' } }));
  }
};

const route = (registry: SessionRegistry, request: IncomingMessage, body: unknown) => {
  const url = new URL(absolute(request));
  const method = request.method ?? 'GET';
  if (url.pathname.startsWith('/control'))
    return control(registry, method, url.pathname.slice('/control'.length), body);
  if (url.pathname === '/health') return { status: 200, body: { ok: true } };
  const model = /^\/v1\w*\/models\/([^/:]+):generateContent$/.exec(url.pathname)?.[1];
  if (method !== 'POST' || model === undefined) return problem(404, 'NOT_FOUND', 'Not found.');
  const key = keyOf(request, url);
  if (key === '') return problem(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers.");
  if (key === 'invalid-key') return problem(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.');
  return { status: 200, body: generateContent(model, body) };
};

const problem = (code: number, status: string, message: string) => ({
  status: code,
  body: { error: { code, message, status } },
});

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('The request body is too large.');
    chunks.push(chunk);
  }
  return bytes === 0 ? null : (JSON.parse(Buffer.concat(chunks).toString()) as unknown);
};
