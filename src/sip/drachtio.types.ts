/** The part of drachtio-srf 5.0.29 that we use and its own types leave out or state wrongly. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

export type DrachtioMessage = {
  get(name: string): string | undefined;
  has(name: string): boolean;
  body?: string;
};

export type DrachtioResponse = EventEmitter &
  DrachtioMessage & {
    status: number;
    reason: string;
    stackDialogId?: string;
    source_address?: string;
    socket: Socket;
    finished: boolean;
    send(
      status: number,
      reason: string | undefined,
      options: { headers: Record<string, string>; body?: string },
      callback: (error: unknown, sent?: DrachtioMessage) => void,
    ): void;
  };

export type DrachtioRequest = EventEmitter &
  DrachtioMessage & {
    method: string;
    uri: string;
    source: string;
    source_address: string;
    source_port: number;
    protocol: string;
    stackTxnId: string;
    stackDialogId?: string;
    cancel(options: object, callback: (error: unknown) => void): void;
  };

/** What drachtio-srf keeps of one connection; `token` are the fields of an answer, `text` is what follows its first line. */
export type DrachtioServerState = {
  ready: boolean;
  pendingRequests: Map<string, (token: string[], text?: string) => void>;
  pendingNetworkInvites: Map<string, { req: DrachtioRequest; res: DrachtioResponse }>;
  pendingSipRequests: Map<string, { req: DrachtioRequest }>;
};

/** Its message classes. */
export type DrachtioLibrary = {
  SipMessage: new (parts: object) => DrachtioMessage;
  SipRequest: new (message: DrachtioMessage, meta: object) => DrachtioRequest;
  SipResponse: new (agent: object) => DrachtioResponse;
};

export type DrachtioAgent = {
  mapServer: ReadonlyMap<Socket, DrachtioServerState>;
  /** What it asks for over each new connection. */
  verbs: Map<string, unknown>;
  request(options: Record<string, unknown>, callback: (error: unknown, request?: DrachtioRequest) => void): void;
  wp: {
    closing?: boolean;
    /** Returns the id that the answer will bear. */
    send(socket: Socket, payload: string): string;
    reconnectVars: { retryTimer: NodeJS.Timeout | null };
  };
};

export type DrachtioSrf = EventEmitter & {
  app: { client: DrachtioAgent };
  connect(options: object): void;
  use(verb: string, handler: (req: DrachtioRequest, res: DrachtioResponse, next: () => void) => void): void;
  use(handler: (req: DrachtioRequest, res: DrachtioResponse, next: () => void) => void): void;
};
