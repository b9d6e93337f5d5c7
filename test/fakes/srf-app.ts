import { once, type EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';

/** drachtio-srf as tests use it: its own types leave much out. */
export type AppMessage = {
  get(name: string): string | undefined;
  body: string;
  stackTxnId: string;
  stackDialogId: string;
  protocol: string;
  source_address: string;
  source_port: number;
  receivedOn?: string;
};
export type AppRequest = EventEmitter &
  AppMessage & { method: string; uri: string; cancel(done: (error: unknown) => void): void };
export type AppResponse = EventEmitter &
  AppMessage & {
    status: number;
    send(status: number, options?: object, sent?: (error: unknown, message?: AppMessage) => void): void;
  };
export type AppDialog = EventEmitter & {
  id: string;
  sip: { callId: string; localTag: string; remoteTag: string };
  local: { uri: string; sdp: string; contact: string };
  remote: { uri: string; sdp: string };
  destroy(options?: object): Promise<AppMessage>;
  modify(sdp: string): Promise<string>;
  request(options: object): Promise<AppResponse>;
};
type Handler = (request: AppRequest, response: AppResponse) => void;
export type SrfApp = EventEmitter & {
  connect(options: object): void;
  disconnect(): void;
  use(method: string, handler: Handler): void;
  request(uri: string, options: object): Promise<AppRequest>;
  createUAS(request: AppRequest, response: AppResponse, options: object): Promise<AppDialog>;
  createUAC(uri: string, options: object, progress?: object): Promise<AppDialog>;
  app: { client: { idle: boolean; mapServer: Map<unknown, unknown>; removeRoute(verb: string): void } };
};

/** Connects an application; rejects when it is not let in. */
export async function connectSrf(port: number, secret: string): Promise<SrfApp> {
  const app: SrfApp = Reflect.construct(Srf, []);
  app.on('error', () => undefined);
  app.connect({ host: '127.0.0.1', port, secret, reconnect: { maxAttempts: 1 } });
  const [error] = await once(app, 'connect');
  if (error instanceof Error) throw error;
  return app;
}

/** Closes an application's connection for good. */
export async function leave(app: SrfApp): Promise<void> {
  if (app.app.client.mapServer.size === 0) return;
  const closed = once(app, 'close');
  app.disconnect();
  await closed;
}

export type Answered = { dialogs: AppDialog[]; invites: AppRequest[]; ended: string[]; acks: AppRequest[] };

/** Makes an application answer every call with this SDP. */
export function answerCalls(app: SrfApp, localSdp: string): Answered {
  const seen: Answered = { dialogs: [], invites: [], ended: [], acks: [] };
  app.use('invite', (req, res) => {
    seen.invites.push(req);
    void app.createUAS(req, res, { localSdp }).then((dialog) => {
      seen.dialogs.push(dialog);
      dialog.on('destroy', (_bye: unknown, reason: string) => seen.ended.push(reason));
      dialog.on('ack', (ack: AppRequest) => seen.acks.push(ack));
    });
  });
  return seen;
}
