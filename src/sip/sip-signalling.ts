/** SIP as the application sees it: admits INVITEs, keeps the legs of live calls, and routes what comes in dialogs to them. */
import { randomBytes } from 'node:crypto';
import type { Registrar } from '#domain/registration.ts';
import type { IncomingInvite, RestorableSignalling } from '#domain/signalling.ts';
import { abandonedDialogId } from './abandoned-leg.ts';
import type { RateLimit, RefusalCounters, RefusalReason } from './admission.ts';
import { createRateLimiter, createRefusalLog, createSourceFilter } from './admission.ts';
import { createDrachtioConnection } from './drachtio-connection.ts';
import type { DrachtioConnectionOptions } from './drachtio-connection.ts';
import { createEventQueue } from './event-queue.ts';
import type { EventQueue } from './event-queue.ts';
import { createInboundLeg, dialogIdOf } from './inbound-leg.ts';
import type { LiveLeg } from './inbound-leg.ts';
import { readInvite } from './incoming-invite.ts';
import { createOutboundLeg } from './outbound-leg.ts';
import { createRegistrarClient } from './registrar-client.ts';
import { createRestoredLeg } from './restored-leg.ts';
import type { ReceivedRequest, SipConnection } from './sip-connection.ts';
import { ACCEPT, ALLOW, REFUSED_METHODS, tagOf } from './sip-headers.ts';

export type SignallingLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type SignallingOptions = {
  host: string;
  port: number;
  secret: string;
  /** Host (and port) of our Contact, when the SIP server's own is not reachable for peers. */
  contactHost?: string;
  /** Who may send us requests; loopback alone by default. */
  allowedCidrs?: readonly string[];
  /** Per source address. */
  rateLimit?: RateLimit;
  /** Our RTP address, which decides the IP version of media that can be accepted. */
  rtpHost?: string;
  log: SignallingLog;
  /** False while this process does not know whether its calls are still its own: nothing is sent. Default: always true. */
  maySend?: () => boolean;
  /** An admitted INVITE; it has to be attached to, also to refuse it. */
  onInvite: (invite: IncomingInvite) => void;
  onInviteRefused?: (reason: RefusalReason, source: IncomingInvite['source']) => void;
};

export type SipSignalling = RestorableSignalling &
  Registrar & {
    connect(): Promise<void>;
    close(): Promise<void>;
    readonly isConnected: boolean;
    /** Networks of carriers, from which requests are taken besides `allowedCidrs`. Throws on a malformed one. */
    allowCarriers(cidrs: readonly string[]): void;
    /** False: new INVITEs get 503 with Retry-After; live calls go on. */
    accepting: boolean;
    /** The SIP server gives new INVITEs to others, or refuses them; whatever is on its way is still taken. */
    stopAccepting(): Promise<void>;
    readonly refusals: RefusalCounters;
    readonly liveLegs: number;
  };

type Held = { request: ReceivedRequest; events: EventQueue; at: number };

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const DEFAULT_RATE: RateLimit = { perSecond: 200, burst: 400 };
/** Reasons of `cdr:stop` that concern an INVITE without a dialog. */
const NEVER_ANSWERED: ReadonlySet<string> = new Set(['call-rejected', 'call-canceled']);
const RETRY_AFTER_SECONDS = '5';
/** The SIP server forgets an unanswered INVITE after 64 s; so do we. */
const FORGET_AFTER_MS = 64_000;

export const createSignalling = (options: SignallingOptions): SipSignalling => {
  const { log } = options;
  const isAllowed = createSourceFilter(options.allowedCidrs ?? LOOPBACK);
  let isCarrier: (host: string) => boolean = () => false;
  const isAdmitted = (host: string) => isAllowed(host) || isCarrier(host);
  const limiter = createRateLimiter(options.rateLimit ?? DEFAULT_RATE);
  const refusals = createRefusalLog((reason, host, unlogged) =>
    log.warn({ reason, host, unlogged }, 'SIP request refused'),
  );
  const contact = options.contactHost === undefined ? null : `<sip:${options.contactHost}>`;
  const held = new Map<string, Held>();
  const legs = new Map<string, LiveLeg>();
  /** INVITEs seen, by what stays equal when one request comes over several paths (RFC 3261 8.2.2.2); for as long as `held`. */
  const seenInvites = new Map<string, number>();
  let accepting = true;
  let isClosing = false;

  const onUnsent = (error: unknown) => log.warn({ error }, 'SIP response not sent');
  const onFault = (error: unknown) => log.error({ error }, 'fault while handling a SIP message');

  const refuse = (request: ReceivedRequest, reason: RefusalReason, status: number, headers = {}): void => {
    refusals.add(reason, request.source.host, Date.now());
    request.respond(status, { headers }).catch(onUnsent);
    if (request.method === 'INVITE') options.onInviteRefused?.(reason, request.source);
  };

  const forgetOld = (now: number): void => {
    for (const [key, at] of seenInvites) {
      if (now - at < FORGET_AFTER_MS) break;
      seenInvites.delete(key);
    }
    for (const [transactionId, { at, events }] of held) {
      if (now - at < FORGET_AFTER_MS) break;
      events.close();
      held.delete(transactionId);
    }
  };

  const onInvite = (request: ReceivedRequest): void => {
    if (!accepting) return refuse(request, 'draining', 503, { 'retry-after': RETRY_AFTER_SECONDS });
    const reading = readInvite(request, randomBytes(8).toString('hex'), options.rtpHost ?? '127.0.0.1');
    if ('refusal' in reading) return refuse(request, reading.refusal, reading.status, reading.headers);
    const now = Date.now();
    forgetOld(now);
    const { invite, mergeKey } = reading;
    if (seenInvites.has(mergeKey)) return refuse(request, 'mergedRequest', 482);
    seenInvites.set(mergeKey, now);
    const events = createEventQueue(onFault);
    held.set(invite.transactionId, { request, events, at: now });
    options.onInvite(invite);
  };

  const onOutOfDialog = (request: ReceivedRequest): void => {
    if (request.method === 'ACK' || request.isUnsolicited) return;
    if (!isAdmitted(request.source.host)) return refuse(request, 'sourceNotAllowed', 403);
    if (!limiter.take(request.source.host, Date.now())) {
      return refuse(request, 'rateExceeded', 503, { 'retry-after': RETRY_AFTER_SECONDS });
    }
    const respond = (status: number, headers: Record<string, string> = {}) =>
      void request.respond(status, { headers }).catch(onUnsent);
    if (tagOf(request.header('to')) !== null) return respond(481);
    if (request.method === 'INVITE') return onInvite(request);
    if (request.method === 'OPTIONS') return respond(200, { allow: ALLOW, accept: ACCEPT });
    if (['BYE', 'INFO', 'UPDATE', 'CANCEL', 'NOTIFY'].includes(request.method)) return respond(481);
    respond(REFUSED_METHODS.includes(request.method) ? 405 : 501, { allow: ALLOW });
  };

  const onRequest = (request: ReceivedRequest): void => {
    if (request.dialogId === null) return onOutOfDialog(request);
    const leg = legs.get(request.dialogId);
    if (leg) return leg.handle(request);
    if (request.method !== 'ACK' && !request.isUnsolicited) request.respond(481).catch(onUnsent);
  };

  const onCallStopped: DrachtioConnectionOptions['onCallStopped'] = ({ callId, ...stop }) => {
    if (NEVER_ANSWERED.has(stop.reason)) return;
    for (const [dialogId, leg] of [...legs]) if (dialogId.startsWith(`${callId};from-tag=`)) leg.stopped(stop);
  };

  const connection: SipConnection = createDrachtioConnection({
    host: options.host,
    port: options.port,
    secret: options.secret,
    maySend: options.maySend ?? (() => true),
    onRequest,
    onFault,
    onCallStopped,
    onStateChange: (isConnected, detail) => {
      if (isConnected) log.info({ detail }, 'connected to the SIP server');
      else if (isClosing) log.info({}, 'connection to the SIP server closed');
      else log.warn({ detail }, 'connection to the SIP server lost, reconnecting');
      for (const leg of [...legs.values()]) {
        if (isConnected) leg.connectionBack();
        else leg.connectionLost();
      }
    },
  });

  const keep = (dialogId: string, create: (onDisposed: () => void) => LiveLeg): LiveLeg => {
    const leg = create(() => {
      if (legs.get(dialogId) === leg) legs.delete(dialogId);
    });
    legs.set(dialogId, leg);
    return leg;
  };

  return {
    attach(invite, tell) {
      const found = held.get(invite.transactionId);
      held.delete(invite.transactionId);
      const events = found?.events ?? createEventQueue(onFault);
      const request = found?.request ?? null;
      const leg = keep(dialogIdOf(invite), (onDisposed) =>
        createInboundLeg({ invite, request, connection, events, contact, onUnsent, onDisposed }),
      );
      events.attach(tell);
      return leg;
    },
    restore(abandoned, tell) {
      const events = createEventQueue(onFault);
      events.attach(tell);
      return keep(abandonedDialogId(abandoned), (onDisposed) =>
        createRestoredLeg({ abandoned, connection, events, contact, onUnsent, onDisposed }),
      );
    },
    place(invite, local, tell) {
      const events = createEventQueue(onFault);
      events.attach(tell);
      return keep(`${invite.sipCallId};from-tag=${invite.localTag}`, (onDisposed) =>
        createOutboundLeg({ invite, local, connection, events, contact, onUnsent, onDisposed }),
      );
    },
    allowCarriers: (cidrs) => {
      isCarrier = createSourceFilter(cidrs);
    },
    register: createRegistrarClient(connection).register,
    connect: () => connection.connect(),
    stopAccepting: async () => {
      // Of a connection that is lost nobody expects anything.
      await connection.withdraw('invite').catch(() => undefined);
      accepting = false;
    },
    close: () => {
      isClosing = true;
      return connection.close();
    },
    get isConnected() {
      return connection.isConnected;
    },
    get accepting() {
      return accepting;
    },
    set accepting(value) {
      accepting = value;
    },
    refusals: refusals.counters,
    get liveLegs() {
      return legs.size;
    },
  };
};
