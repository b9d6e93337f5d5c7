/**
 * An independent SIP and RTP endpoint that places one call: for the demo, the integration tests and the benchmarks.
 * It shares no code with the application, so that a fault there cannot hide behind the same fault here.
 */
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createFrameWheel } from './frame-wheel.ts';
import type { FrameWheel } from './frame-wheel.ts';
import { openRtpStream } from './rtp-stream.ts';
import type { RtpStream } from './rtp-stream.ts';
import { openSipExchange } from './sip-exchange.ts';
import { headerOf, headersOf, mediaTargetOf, toTagOf, writeMessage, writeResponse } from './sip-text.ts';
import type { CallerMessage } from './sip-text.ts';

export type CallerOptions = {
  sipTarget: { host: string; port: number };
  localHost?: string;
  /** User part of our own URI, and of the one we call. */
  from?: string;
  to?: string;
  /** Shared by callers of one process; without it the caller has its own. */
  wheel?: FrameWheel;
  /** Keep the received packets (default). */
  keepAudio?: boolean;
};

export type InviteOptions = {
  /** Our offer; null leaves it out (late offer). */
  sdp?: string | null;
  headers?: readonly (readonly [string, string])[];
  /** False: the 200 is not acknowledged until `acknowledge` is called. */
  autoAck?: boolean;
  /** SDP answer in the ACK, after a late offer. */
  ackSdp?: string;
};

export type Caller = {
  readonly callId: string;
  readonly audio: RtpStream;
  readonly provisionals: readonly CallerMessage[];
  readonly retransmissions: number;
  /** Retransmitted 200s that came (each was acknowledged again). */
  readonly repeatedAnswers: number;
  readonly isHungUpByPeer: boolean;
  offer(direction?: string): string;
  /** Resolves with the final response. Audio starts to flow when it is a 200. */
  invite(options?: InviteOptions): Promise<CallerMessage>;
  acknowledge(sdp?: string): void;
  /** Resolves with the response to the CANCEL itself. */
  cancel(): Promise<CallerMessage>;
  /** A request in the dialog, CSeq counted on. */
  request(method: string, body?: { type: string; text: string }): Promise<CallerMessage>;
  /** BYE `times` over, the same request each time (a retransmission); the answers, in full, in order. */
  bye(times?: number): Promise<CallerMessage[]>;
  untilHungUpByPeer(): Promise<void>;
  untilProvisional(status: number): Promise<CallerMessage>;
  close(): void;
};

const DEFAULT_HOST = '127.0.0.1';
const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS';
const token = (bytes = 6): string => randomBytes(bytes).toString('hex');

export const createCaller = async (options: CallerOptions): Promise<Caller> => {
  const { sipTarget, localHost: host = DEFAULT_HOST, from = '+359888000001', to = '+359888000002' } = options;
  const ownWheel = options.wheel ? null : createFrameWheel();
  const wheel = options.wheel ?? ownWheel ?? createFrameWheel();
  const audio = await openRtpStream({ host, wheel, keepAudio: options.keepAudio ?? true });
  const events = new EventEmitter();
  const provisionals: CallerMessage[] = [];
  const callId = `${token(10)}@${host}`;
  const localTag = token();
  const targetUri = `sip:${to}@${sipTarget.host}:${sipTarget.port}`;
  let remoteUri = targetUri;
  let remoteTag: string | null = null;
  let routes: string[] = [];
  let sequence = 1;
  let inviteBranch = '';
  let ackText: string | null = null;
  let repeatedAnswers = 0;
  let isHungUpByPeer = false;
  let answered: CallerMessage | null = null;

  const onRequest = (request: CallerMessage): void => {
    if (request.method === 'ACK') return;
    if (headerOf(request, 'call-id') !== callId) {
      return exchange.send(writeResponse(request, '481 Call/Transaction Does Not Exist', localTag));
    }
    const body = request.method === 'INVITE' ? offer() : '';
    if (request.method === 'INVITE') audio.sendTo(mediaTargetOf(request.body));
    exchange.send(writeResponse(request, '200 OK', localTag, body));
    if (request.method !== 'BYE' || isHungUpByPeer) return;
    isHungUpByPeer = true;
    audio.sendTo(null);
    events.emit('hungUp');
  };
  const onStrayResponse = (response: CallerMessage): void => {
    events.emit('strayResponse', response);
    if (ackText === null || response.status !== 200 || !headerOf(response, 'cseq')?.endsWith('INVITE')) return;
    repeatedAnswers += 1;
    exchange.send(ackText);
  };
  const exchange = await openSipExchange({ host, target: sipTarget, onRequest, onStrayResponse });
  const contact = `<sip:${from}@${host}:${exchange.port}>`;
  const sdpSessionId = Date.now();
  let sdpVersion = 0;

  const offer = (direction = 'sendrecv'): string => {
    sdpVersion += 1;
    return [
      'v=0',
      `o=caller ${sdpSessionId} ${sdpVersion} IN IP4 ${host}`,
      's=caller',
      `c=IN IP4 ${host}`,
      't=0 0',
      `m=audio ${audio.port} RTP/AVP 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      `a=${direction}`,
      '',
    ].join('\r\n');
  };

  const write = (
    method: string,
    cseq: number,
    branch: string,
    extra: { headers?: readonly (readonly [string, string])[]; type?: string; body?: string } = {},
  ): string => {
    const headers: (readonly [string, string])[] = [
      ['Via', `SIP/2.0/UDP ${host}:${exchange.port};rport;branch=${branch}`],
      ...routes.map((route) => ['Route', route] as const),
      ['Max-Forwards', '70'],
      ['From', `<sip:${from}@${host}>;tag=${localTag}`],
      ['To', `<${targetUri}>${remoteTag === null ? '' : `;tag=${remoteTag}`}`],
      ['Call-ID', callId],
      ['CSeq', `${cseq} ${method}`],
    ];
    if (method === 'INVITE') headers.push(['Contact', contact], ['Allow', ALLOW]);
    headers.push(...(extra.headers ?? []));
    if (extra.body) headers.push(['Content-Type', extra.type ?? 'application/sdp']);
    return writeMessage(`${method} ${remoteUri} SIP/2.0`, headers, extra.body ?? '');
  };
  const newBranch = () => `z9hG4bK${token(8)}`;

  const acknowledge = (sdp?: string): void => {
    const cseq = Number(headerOf(answered ?? provisionals[0] ?? EMPTY, 'cseq')?.split(' ')[0] ?? sequence);
    ackText = write('ACK', cseq, newBranch(), sdp === undefined ? {} : { body: sdp });
    exchange.send(ackText);
  };

  const enterDialog = (response: CallerMessage): void => {
    answered = response;
    remoteTag = toTagOf(response);
    remoteUri = /<([^>]+)>/.exec(headerOf(response, 'contact') ?? '')?.[1] ?? targetUri;
    routes = headersOf(response, 'record-route').reverse();
  };

  /** The ACK of a refusal belongs to the transaction of the INVITE: same branch, its To (RFC 3261 17.1.1.3). */
  const acknowledgeRefusal = (response: CallerMessage, cseq: number): void => {
    const earlier = remoteTag;
    remoteTag = toTagOf(response);
    exchange.send(write('ACK', cseq, inviteBranch));
    remoteTag = earlier;
  };

  const transactInvite = async ({ sdp, headers = [], autoAck = true, ackSdp }: InviteOptions) => {
    sequence += 1;
    const cseq = sequence;
    inviteBranch = newBranch();
    const body = sdp === undefined ? offer() : (sdp ?? '');
    const text = write('INVITE', cseq, inviteBranch, { headers, body });
    const response = await exchange.transact(text, inviteBranch, (provisional) => {
      provisionals.push(provisional);
      events.emit('provisional', provisional);
    });
    if (response.status >= 300) {
      acknowledgeRefusal(response, cseq);
      return response;
    }
    enterDialog(response);
    audio.sendTo(mediaTargetOf(response.body));
    if (autoAck) acknowledge(ackSdp ?? (sdp === null ? offer() : undefined));
    return response;
  };

  const cancel = (): Promise<CallerMessage> => {
    const text = write('CANCEL', sequence, inviteBranch);
    return exchange.transact(text, inviteBranch);
  };

  const request: Caller['request'] = (method, body) => {
    if (method === 'INVITE') return transactInvite(body ? { sdp: body.text } : {});
    sequence += 1;
    const branch = newBranch();
    const extra = body ? { type: body.type, body: body.text } : {};
    return exchange.transact(write(method, sequence, branch, extra), branch);
  };

  const bye = async (times = 1): Promise<CallerMessage[]> => {
    audio.sendTo(null);
    sequence += 1;
    const branch = newBranch();
    const text = write('BYE', sequence, branch);
    const answers: CallerMessage[] = [];
    for (let n = 0; n < times; n += 1) answers.push(await exchange.transact(text, branch));
    return answers;
  };

  const untilProvisional = async (status: number): Promise<CallerMessage> => {
    for (;;) {
      const found = provisionals.find((provisional) => provisional.status === status);
      if (found) return found;
      await once(events, 'provisional');
    }
  };

  return {
    callId,
    audio,
    provisionals,
    offer,
    invite: (inviteOptions = {}) => transactInvite(inviteOptions),
    acknowledge,
    cancel,
    request,
    bye,
    untilProvisional,
    untilHungUpByPeer: async () => {
      if (!isHungUpByPeer) await once(events, 'hungUp');
    },
    get retransmissions() {
      return exchange.retransmissions;
    },
    get repeatedAnswers() {
      return repeatedAnswers;
    },
    get isHungUpByPeer() {
      return isHungUpByPeer;
    },
    close: () => {
      audio.close();
      exchange.close();
      ownWheel?.stop();
    },
  };
};

const EMPTY: CallerMessage = { startLine: '', status: 0, method: '', headers: [], body: '', raw: '' };
