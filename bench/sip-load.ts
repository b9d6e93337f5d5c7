/**
 * Many short calls from one UDP socket, at a steady rate whether or not the answers keep up: INVITE, ACK to the 200,
 * BYE. No retransmissions, so that a lost message counts as a failed call.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export type SipLoad = { target: { host: string; port: number }; perSecond: number; calls: number; holdMs: number };

export type SipLoadResult = {
  /** INVITE to 200, milliseconds, of the calls that were answered. */
  setupMs: number[];
  /** Final responses other than 200, by status; `none` = no final response. */
  failures: Record<string, number>;
  /** First INVITE to last 200. */
  elapsedMs: number;
};

type Call = { index: number; sentAt: number; tag: string; branch: string; isOver: boolean };

const GRACE_MS = 5_000;
const HOST = '127.0.0.1';

const SDP = [
  'v=0',
  `o=load 1 1 IN IP4 ${HOST}`,
  's=load',
  `c=IN IP4 ${HOST}`,
  't=0 0',
  // The discard port: what the application sends is lost there.
  'm=audio 9 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');

const headerOf = (message: string, name: string) =>
  new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';

export const runSipLoad = async ({ target, perSecond, calls: count, holdMs }: SipLoad): Promise<SipLoadResult> => {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  const { port } = socket.address();
  let isOpen = true;
  const run = randomBytes(4).toString('hex');
  const calls = new Map<string, Call>();
  const result: SipLoadResult = { setupMs: [], failures: {}, elapsedMs: 0 };
  const startedAt = performance.now();

  const send = (lines: readonly string[], body = '') => {
    // An answer that came too late to count is ended by nobody.
    if (!isOpen) return;
    socket.send([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'), target.port, target.host);
  };
  const head = (method: string, call: Call, to: { tag: string; cseq: number; branch: string }) => [
    `${method} sip:+359888000002@${target.host}:${target.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bK${to.branch};rport`,
    'Max-Forwards: 70',
    `From: <sip:+359888000001@${HOST}:${port}>;tag=${call.tag}`,
    `To: <sip:+359888000002@${target.host}>${to.tag === '' ? '' : `;tag=${to.tag}`}`,
    `Call-ID: ${run}-${call.index}@${HOST}`,
    `CSeq: ${to.cseq} ${method}`,
    `Contact: <sip:+359888000001@${HOST}:${port}>`,
  ];

  const settle = (call: Call, message: string, status: number) => {
    const tag = /;tag=([^;\s]+)/.exec(headerOf(message, 'To'))?.[1] ?? '';
    if (status >= 300) {
      if (call.isOver) return;
      call.isOver = true;
      result.failures[status] = (result.failures[status] ?? 0) + 1;
      send(head('ACK', call, { tag, cseq: 1, branch: call.branch }));
      return;
    }
    send(head('ACK', call, { tag, cseq: 1, branch: `${call.branch}a` }));
    if (call.isOver) return;
    call.isOver = true;
    result.setupMs.push(performance.now() - call.sentAt);
    result.elapsedMs = performance.now() - startedAt;
    setTimeout(() => send(head('BYE', call, { tag, cseq: 2, branch: `${call.branch}b` })), holdMs);
  };

  socket.on('message', (bytes) => {
    const message = bytes.toString('latin1');
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(message)?.[1] ?? 0);
    const call = calls.get(headerOf(message, 'Call-ID'));
    if (call && status >= 200 && headerOf(message, 'CSeq').endsWith('INVITE')) settle(call, message, status);
  });

  for (let index = 0; index < count; index += 1) {
    const call: Call = {
      index,
      sentAt: performance.now(),
      tag: randomBytes(4).toString('hex'),
      branch: `${run}${index}`,
      isOver: false,
    };
    calls.set(`${run}-${index}@${HOST}`, call);
    send([...head('INVITE', call, { tag: '', cseq: 1, branch: call.branch }), 'Content-Type: application/sdp'], SDP);
    const behindMs = performance.now() - startedAt - ((index + 1) * 1_000) / perSecond;
    if (behindMs < 0) await delay(-behindMs);
  }
  const answeredBy = performance.now() + GRACE_MS;
  while ([...calls.values()].some(({ isOver }) => !isOver) && performance.now() < answeredBy) await delay(20);
  const unanswered = [...calls.values()].filter(({ isOver }) => !isOver).length;
  if (unanswered > 0) result.failures['none'] = unanswered;
  await delay(holdMs + 500);
  isOpen = false;
  socket.close();
  return result;
};
