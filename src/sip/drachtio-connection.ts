/** The control connection to drachtio-server or the embedded SIP server: drachtio-srf behind `SipConnection`. */
import type { Socket } from 'node:net';
import Srf from 'drachtio-srf';
import { knowsClaims, readClaimAnswer, takeUpInvite, takeUpSent } from './drachtio-takeover.ts';
import type { Attached } from './drachtio-takeover.ts';
import type { DrachtioMessage, DrachtioRequest, DrachtioResponse, DrachtioSrf } from './drachtio.types.ts';
import type {
  OutgoingRequest,
  ReceivedRequest,
  ReceivedResponse,
  ResponseParts,
  SentRequest,
  SentResponse,
  SipConnection,
} from './sip-connection.ts';
import { SignallingError, signallingErrorOf } from './signalling-error.ts';

export type DrachtioConnectionOptions = {
  host: string;
  port: number;
  secret: string;
  onRequest: (request: ReceivedRequest) => void;
  /** The connection came or went; `detail` says why, for the log. */
  onStateChange: (isConnected: boolean, detail: string) => void;
  /** The SIP server says that a call is over, to us or to whoever; drachtio-server does, as a lost owner's calls end. */
  onCallStopped: (stopped: { callId: string; isByPeer: boolean; reason: string }) => void;
  /** False: nothing is sent, since it is not known whose calls these are. */
  maySend: () => boolean;
  /** A listener of ours threw; the request was answered 500 where it can be. */
  onFault: (error: unknown) => void;
};

const RECONNECT_MAX_DELAY_MS = 1_000;
const PING_INTERVAL_MS = 5_000;

/** What we ask the server to deliver out of dialog: the rest it answers itself. */
const ROUTED_VERBS = [
  'invite',
  'options',
  'register',
  'message',
  'info',
  'notify',
  'subscribe',
  'publish',
  'refer',
  'update',
];

const headerOf = (message: DrachtioMessage) => (name: string) => message.get(name) ?? null;

export const createDrachtioConnection = (options: DrachtioConnectionOptions): SipConnection => {
  const srf = new Srf() as unknown as DrachtioSrf;
  /** drachtio-srf never calls back what was under way when its socket closed; these are rejected then. */
  const underWay = new Set<(error: SignallingError) => void>();
  let isConnected = false;
  let isClosed = false;
  let canClaim = false;

  const current = (): Attached | null => {
    const agent = srf.app.client;
    for (const [socket, state] of agent?.mapServer ?? [])
      if (state.ready && !socket.destroyed) return { agent, socket, state };
    return null;
  };
  const currentSocket = (): Socket | null => current()?.socket ?? null;
  const attached = (): Attached => {
    const found = current();
    if (!found) throw new SignallingError('unreachable', 'not connected to the SIP server');
    return found;
  };

  const requireOurs = (): void => {
    if (!options.maySend()) throw new SignallingError('suspended', 'this process stood still');
  };

  const command = <Result>(
    start: (done: (result: Result) => void, fail: (fault: unknown) => void) => void,
  ): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      const abandon = (error: SignallingError) => settle(() => reject(error));
      const settle = (finish: () => void) => {
        underWay.delete(abandon);
        finish();
      };
      underWay.add(abandon);
      const fail = (fault: unknown) => settle(() => reject(signallingErrorOf(fault)));
      try {
        attached();
        start((result) => settle(() => resolve(result)), fail);
      } catch (fault) {
        fail(fault);
      }
    });

  const respond = (res: DrachtioResponse, status: number, parts: ResponseParts): Promise<SentResponse> =>
    command<SentResponse>((done, fail) => {
      // The connection that brought the request may be gone; any connection can answer a transaction.
      res.socket = currentSocket() ?? res.socket;
      requireOurs();
      const headers: Record<string, string> = { ...parts.headers };
      // drachtio-srf takes only the tag from here and appends it to the To of the request.
      if (parts.toTag !== undefined) headers['to'] = `tag=${parts.toTag}`;
      const message = { headers, ...(parts.body === undefined ? {} : { body: parts.body }) };
      res.send(status, parts.reason, message, (fault, sent) => {
        if (fault || !sent) {
          // drachtio-srf takes a final response for sent when it only tried.
          res.finished = false;
          return fail(fault ?? 'rejected');
        }
        done({ dialogId: res.stackDialogId || null, contact: sent.get('contact') ?? null });
      });
    });

  const receivedRequest = (req: DrachtioRequest, res: DrachtioResponse): ReceivedRequest => {
    let isCancelled = false;
    if (req.method === 'INVITE') req.once('cancel', () => (isCancelled = true));
    return {
      method: req.method,
      uri: req.uri,
      transactionId: req.stackTxnId,
      dialogId: req.stackDialogId || null,
      isUnsolicited: req.source === 'application',
      source: { host: req.source_address, port: req.source_port, protocol: req.protocol },
      header: headerOf(req),
      body: req.body ?? '',
      respond: (status, parts = {}) => respond(res, status, parts),
      onCancel: (listener) => {
        if (isCancelled) guarded(listener);
        else req.once('cancel', () => guarded(listener));
      },
    };
  };

  const guarded = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      options.onFault(error);
      return false;
    }
  };

  const receivedResponse = (res: DrachtioResponse, ack: () => void): ReceivedResponse => ({
    status: res.status,
    reason: res.reason,
    isInvented: !res.source_address,
    dialogId: res.stackDialogId || null,
    header: headerOf(res),
    body: res.body ?? '',
    acknowledge: () => {
      if (options.maySend()) guarded(ack);
    },
  });

  const sentRequest = (req: DrachtioRequest, onResponse: (response: ReceivedResponse) => void): SentRequest => {
    req.on('response', (res: DrachtioResponse, ack: () => void) => {
      guarded(() => onResponse(receivedResponse(res, ack)));
    });
    return { contact: req.get('contact') ?? null, cancel: () => cancel(req) };
  };

  const claim: SipConnection['claim'] = ({ id, epoch }, answered) =>
    command<void>((done) => {
      const { socket, state } = attached();
      const messageId = srf.app.client.wp.send(socket, `claim|${id}|${epoch}`);
      state.pendingRequests.set(messageId, (token, text = '') => {
        guarded(() => answered(readClaimAnswer(token, text)));
        done();
      });
    });

  const withdraw = (verb: string): Promise<void> =>
    command<void>((done) => {
      const { socket, state } = attached();
      srf.app.client.verbs.delete(verb);
      state.pendingRequests.set(srf.app.client.wp.send(socket, `remove_route|${verb}`), () => done());
    });

  const send = (out: OutgoingRequest, onResponse: (response: ReceivedResponse) => void): Promise<SentRequest> =>
    command<SentRequest>((done, fail) => {
      requireOurs();
      // Dialogs of a connection that was lost are claimed first.
      if (out.dialogId !== undefined && !isConnected) return fail('not connected yet');
      const request = {
        method: out.method,
        headers: { ...out.headers },
        ...(out.uri === undefined ? {} : { uri: out.uri }),
        ...(out.dialogId === undefined ? {} : { stackDialogId: out.dialogId }),
        ...(out.body === undefined ? {} : { body: out.body }),
        ...(out.proxyUri ? { proxy: out.proxyUri } : {}),
      };
      srf.app.client.request(request, (fault, req) => {
        if (fault || !req) return fail(fault ?? 'rejected');
        done(sentRequest(req, onResponse));
      });
    });

  const cancel = (req: DrachtioRequest): Promise<void> =>
    command<void>((done, fail) => {
      requireOurs();
      req.cancel({}, (fault) => (fault ? fail(fault) : done()));
    });

  const lost = (detail: string) => {
    for (const abandon of [...underWay])
      abandon(new SignallingError('unreachable', 'the SIP server connection was lost'));
    if (!isConnected) return;
    isConnected = false;
    options.onStateChange(false, detail);
  };

  for (const verb of ROUTED_VERBS) srf.use(verb, (_req, _res, next) => next());
  srf.use((req, res) => {
    const request = receivedRequest(req, res);
    if (guarded(() => options.onRequest(request)) || req.method === 'ACK') return;
    request.respond(500).catch(() => undefined);
  });
  srf.on('connect', (fault: unknown, address: string, version: string) => {
    if (fault) return options.onStateChange(false, 'the SIP server refused the secret');
    if (isClosed) return void currentSocket()?.destroy();
    isConnected = true;
    canClaim = knowsClaims(version);
    options.onStateChange(true, `${version}, ${address}`);
  });
  srf.on('cdr:stop', (source: string, _time: string, reason: string, message: DrachtioMessage) => {
    const callId = message.get('call-id');
    if (callId === undefined) return;
    guarded(() => options.onCallStopped({ callId, isByPeer: source === 'network', reason }));
  });
  let lastFault = 'closed by the SIP server';
  srf.on('error', (fault: Error) => (lastFault = fault.message));
  srf.on('close', () => lost(lastFault));

  const connect = (): Promise<void> =>
    new Promise((resolve, reject) => {
      srf.once('connect', (fault: unknown) => {
        if (!fault) return resolve();
        reject(new SignallingError('unauthorised', 'the SIP server refused the secret', { cause: fault }));
        void close();
      });
      srf.once('abandoned', () =>
        reject(new SignallingError('unreachable', 'closed before the SIP server was reached')),
      );
      const { host, port, secret } = options;
      const reconnect = { retryMaxDelay: RECONNECT_MAX_DELAY_MS };
      srf.connect({ host, port, secret, reconnect, enablePing: true, pingInterval: PING_INTERVAL_MS });
    });

  /** drachtio-srf can only end an established connection; its retry timer has to be stopped by hand. */
  const close = async (): Promise<void> => {
    isClosed = true;
    srf.emit('abandoned');
    const agent = srf.app.client;
    if (!agent) return;
    agent.wp.closing = true;
    clearTimeout(agent.wp.reconnectVars.retryTimer ?? undefined);
    const closed = [...agent.mapServer.keys()].map(
      (socket) =>
        new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve()))),
    );
    for (const socket of agent.mapServer.keys()) socket.destroy();
    await Promise.all(closed);
  };

  return {
    connect,
    send,
    claim,
    withdraw,
    takeUpInvite: (invite) => {
      const { req, res } = takeUpInvite(attached(), invite);
      return receivedRequest(req, res);
    },
    takeUpSent: (sent, onResponse) => sentRequest(takeUpSent(attached(), sent), onResponse),
    close,
    get canClaim() {
      return canClaim;
    },
    get isConnected() {
      return isConnected;
    },
  };
};
