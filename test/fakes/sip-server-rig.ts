import { createSipServer, type SipServer } from '#sip/server/sip-server.ts';
import { createManualClock, type ManualClock } from './manual-sip-clock.ts';
import type { PeerMessage, SipPeer } from './sip-peer.ts';
import { connectSrf, leave, type SrfApp } from './srf-app.ts';

export const SECRET = 'a secret';
export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

export type SipServerRig = {
  clock: ManualClock;
  server: SipServer;
  udpPort: number;
  tcpPort: number;
  controlPort: number;
  faults: object[];
  /** Another application, logged in. */
  connectApp(): Promise<SrfApp>;
  close(): Promise<void>;
};

/** A SIP server on free loopback ports whose time is moved by hand. */
export async function startSipServer(options: { likeDrachtio?: boolean } = {}): Promise<SipServerRig> {
  const clock = createManualClock();
  const faults: object[] = [];
  const server = createSipServer({
    listen: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    ],
    control: { host: '127.0.0.1', port: 0 },
    secret: SECRET,
    clock,
    log: (event, details) => faults.push({ event, ...details }),
    ...options,
  });
  const { sip, control } = await server.start();
  const apps: SrfApp[] = [];
  const connectApp = async (): Promise<SrfApp> => {
    const app = await connectSrf(control.port, SECRET);
    apps.push(app);
    return app;
  };
  return {
    clock,
    server,
    udpPort: sip[0]?.port ?? 0,
    tcpPort: sip[1]?.port ?? 0,
    controlPort: control.port,
    faults,
    connectApp,
    close: async () => {
      for (const app of apps) await leave(app);
      await server.stop();
    },
  };
}

let calls = 0;

export type CallerRequest = {
  method: string;
  cseq: number;
  branch?: string;
  toTag?: string;
  fromTag?: string;
  headers?: string[];
  body?: string;
};

/** A caller's side of one call, spoken by hand. */
export function createCaller(peer: SipPeer): {
  callId: string;
  fromTag: string;
  request(parts: CallerRequest): string;
  send(parts: CallerRequest): void;
  invite(parts?: Partial<CallerRequest>): void;
  ack(answer: PeerMessage, cseq?: number): void;
} {
  calls += 1;
  const callId = `call-${calls}-${process.pid}`;
  const fromTag = `caller${calls}`;
  let branches = 0;
  const request = (parts: CallerRequest): string => {
    branches += 1;
    const { method, cseq, toTag, body = '' } = parts;
    return [
      `${method} sip:service@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/${peer.protocol} ${peer.address};branch=${parts.branch ?? `z9hG4bK${callId}-${branches}`}`,
      'Max-Forwards: 70',
      `From: "Caller" <sip:caller@${peer.address}>;tag=${parts.fromTag ?? fromTag}`,
      `To: <sip:service@127.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(method === 'INVITE'
        ? [`Contact: <sip:caller@${peer.address};transport=${peer.protocol.toLowerCase()}>`]
        : []),
      ...(parts.headers ?? []),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  };
  const send = (parts: CallerRequest): void => peer.send(request(parts));
  return {
    callId,
    fromTag,
    request,
    send,
    invite: (parts = {}) =>
      send({ method: 'INVITE', cseq: 1, headers: ['Content-Type: application/sdp'], body: SDP, ...parts }),
    ack: (answer, cseq = 1) => send({ method: 'ACK', cseq, toTag: answer.toTag }),
  };
}

/** A response of a called peer to a request it received. */
export function reply(
  request: PeerMessage,
  status: string,
  options: { peer: SipPeer; tag?: string; headers?: string[]; body?: string },
): string {
  const { peer, tag = 'callee', headers = [], body = '' } = options;
  const to = request.header('To');
  const lines = request.text.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
  return [
    `SIP/2.0 ${status}`,
    ...lines.filter((line) => /^(via|from|call-id|cseq):/i.test(line)),
    `To: ${to.includes('tag=') ? to : `${to};tag=${tag}`}`,
    `Contact: <sip:callee@${peer.address}${peer.protocol === 'TCP' ? ';transport=tcp' : ''}>`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
