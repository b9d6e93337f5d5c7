/**
 * Brings the inspector feed of an application to an inspector in the browser, such as Stately's hosted one. Only loopback,
 * and only below an address that cannot be guessed: other pages of the same browser must not read along. The token of the
 * application stays here.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { relayPage } from './relay-page.ts';

export type RelayOptions = {
  /** Of the application, such as `http://127.0.0.1:8000`. */
  application: URL;
  token: string;
  /** One call only. */
  callId?: string | undefined;
  /** The inspector's page. */
  inspector: URL;
  /** 0: any that is free. */
  port: number;
};

export type Relay = { url: string; close(): Promise<void> };

export const STATELY_INSPECTOR = 'https://stately.ai/inspect';

const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 2_000;

const feedAddress = ({ application, token, callId }: RelayOptions): URL => {
  const address = new URL('/inspect', application);
  address.protocol = application.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('access_token', token);
  if (callId !== undefined) address.searchParams.set('call', callId);
  return address;
};

/** Each reader has a feed of its own, which begins with what lives already. */
const pass = (feed: WebSocket, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(`retry: ${RETRY_MS}\n\n`);
  feed.addEventListener('message', ({ data }) => {
    response.write(`data: ${String(data)}\n\n`);
    // The browser connects again, and begins anew.
    if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
  });
  feed.addEventListener('error', () => response.end());
  feed.addEventListener('close', () => response.end());
  response.once('close', () => feed.close());
};

/** Resolves when it listens; rejects when the port is taken. */
export const startRelay = async (options: RelayOptions): Promise<Relay> => {
  const secret = randomBytes(16).toString('base64url');
  const page = relayPage(options.inspector);
  const server = createServer((request, response) => {
    if (request.url === `/${secret}/feed`) {
      pass(new WebSocket(feedAddress(options)), response);
      return;
    }
    if (request.url !== `/${secret}/`) {
      response.writeHead(404).end();
      return;
    }
    const headers = { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' };
    response.writeHead(200, headers).end(page);
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${secret}/`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
