/** A rehearsal server on a free port, with its control endpoint and connections that are cut when the test ends. */
import { openLiveConnection } from '#gemini/live-connection.ts';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';
import type { SessionRecord } from '#gemini/rehearsal/session-record.ts';
import { createRehearsalServer, type RehearsalServerOptions } from '#gemini/rehearsal/server.ts';
import { liveSettings, recordLiveEvents } from './live-listener.ts';

const POLL_MS = 5;

export const startRehearsal = async (options: Partial<RehearsalServerOptions> = {}) => {
  const server = createRehearsalServer({ host: '127.0.0.1', port: 0, ...options });
  const { host, port } = await server.start();
  const baseUrl = `${options.tls ? 'https' : 'http'}://${host}:${port}`;

  const request = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const sessions = async (): Promise<SessionRecord[]> => {
    const body = (await (await request('GET', '/control/sessions')).json()) as { sessions: SessionRecord[] };
    return body.sessions;
  };
  const until = async <T>(find: (all: SessionRecord[]) => T | undefined): Promise<T> => {
    for (;;) {
      const found = find(await sessions());
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  /** Asks until some session fits. */
  const sessionWhere = (fits: (session: SessionRecord) => boolean) => until((all) => all.find(fits));
  /** Asks until no session holds a socket. */
  const allClosed = () => until((all) => (all.every(({ state }) => state === 'closed') ? true : undefined));
  const connect = (changes: Partial<LiveSessionSettings> = {}) => {
    const listener = recordLiveEvents();
    const connection = openLiveConnection(liveSettings(baseUrl, changes), listener.events);
    return { ...listener, connection };
  };

  return {
    baseUrl,
    port,
    server,
    request,
    sessions,
    sessionWhere,
    allClosed,
    connect,
    /** What can be cloned into a worker: settings, and the names of the listeners. */
    workerInput: () => ({ settings: liveSettings(baseUrl), names: Object.keys(recordLiveEvents().events) }),
    inject: (fault: Record<string, unknown>, order: Record<string, unknown> = {}) =>
      request('POST', '/control/faults', { scope: 'next', fault, ...order }),
    direct: (directives: Record<string, unknown>, order: Record<string, unknown> = {}) =>
      request('POST', '/control/directives', { scope: 'next', directives, ...order }),
    act: (id: string, action: Record<string, unknown>) => request('POST', `/control/sessions/${id}/actions`, action),
  };
};

export type Rehearsal = Awaited<ReturnType<typeof startRehearsal>>;
