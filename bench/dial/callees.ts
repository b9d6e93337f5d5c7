/**
 * Everybody who is called, behind one SIP and one RTP socket, so that their own work shows little in what they measure.
 * No retransmissions: a lost message counts as a failed call.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { headerOf, mediaTargetOf, readMessage, writeMessage, writeResponse } from '#demo/sip-text.ts';
import type { CallerMessage } from '#demo/sip-text.ts';
import { isVoiced } from '../media/load-leg.ts';

export type Manner = {
  /** 180, and 200 this long after it; null: 200 and nothing before, as some gateways do. */
  ringMs: number | null;
  /** Audio is sent from this long after the 200 on; null: never. */
  audioAfterMs: number | null;
  /** 200 to BYE. */
  holdMs: number;
};

/** What one callee saw, on the clock of `performance.now()`. */
export type CalleeCall = {
  invitedAt: number;
  answeredAt: number | null;
  /** First packet that the callee sent. */
  audioAt: number | null;
  firstPacketAt: number | null;
  firstVoiceAt: number | null;
  lastVoiceAt: number;
  /** Our BYE was answered. */
  isOver: boolean;
};

export type Callees = AsyncDisposable & {
  readonly port: number;
  /** By the number called. */
  readonly calls: ReadonlyMap<string, CalleeCall>;
  /** From now on. */
  behave(manner: Manner): void;
};

const HOST = '127.0.0.1';
const TAG = 'callee';
const FRAME_MS = 20;
const HEADER_BYTES = 12;
const PACKET_BYTES = HEADER_BYTES + 160;
const BUFFER_BYTES = 4 * 1024 * 1024;

const bind = async (): Promise<Socket> => {
  const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES });
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return socket;
};

/** Sends silence until it is told to stop. */
const sendSilence = (socket: Socket, to: { host: string; port: number }, ssrc: number): (() => void) => {
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet[0] = 0x80;
  packet.writeUInt32BE(ssrc, 8);
  let sent = 0;
  const send = () => {
    packet[1] = sent === 0 ? 0x80 : 0;
    packet.writeUInt16BE(sent & 0xffff, 2);
    packet.writeUInt32BE(sent * 160, 4);
    sent += 1;
    socket.send(Buffer.from(packet), to.port, to.host);
  };
  send();
  const timer = setInterval(send, FRAME_MS);
  return () => clearInterval(timer);
};

const numberIn = (invite: CallerMessage): string => /sip:([^@;>]+)/.exec(invite.startLine)?.[1] ?? '';

export const openCallees = async (): Promise<Callees> => {
  const [sip, rtp] = await Promise.all([bind(), bind()]);
  const { port } = sip.address();
  const calls = new Map<string, CalleeCall>();
  /** Calls by the port that the agent's audio comes from, and by Call-ID. */
  const byPort = new Map<number, CalleeCall>();
  const byCallId = new Map<string, CalleeCall>();
  const timers = new Set<NodeJS.Timeout>();
  let manner: Manner = { ringMs: 0, audioAfterMs: null, holdMs: 500 };
  let isOpen = true;

  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (isOpen) run();
    }, ms);
    timers.add(timer);
  };
  const sdp = () =>
    [
      ...['v=0', `o=callee 1 1 IN IP4 ${HOST}`, 's=-', `c=IN IP4 ${HOST}`, 't=0 0'],
      ...[`m=audio ${rtp.address().port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', ''],
    ].join('\r\n');
  const send = (text: string, to: { host: string; port: number }) => isOpen && sip.send(text, to.port, to.host);

  const hangUp = (invite: CallerMessage, from: { host: string; port: number }) => {
    const target = /<(sip:[^>]+)>/.exec(headerOf(invite, 'contact') ?? '')?.[1] ?? '';
    const callId = headerOf(invite, 'call-id') ?? '';
    const headers: [string, string][] = [
      ['Via', `SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bKbye${callId.replaceAll(/\W/g, '')}`],
      ['Max-Forwards', '70'],
      ['From', `${headerOf(invite, 'to')};tag=${TAG}`],
      ['To', headerOf(invite, 'from') ?? ''],
      ['Call-ID', callId],
      ['CSeq', '1 BYE'],
    ];
    send(writeMessage(`BYE ${target} SIP/2.0`, headers, ''), from);
  };

  const answer = (invite: CallerMessage, call: CalleeCall, from: { host: string; port: number }) => {
    const contact = `Contact: <sip:callee@${HOST}:${port}>\r\nContent-Type: application/sdp\r\n`;
    const text = writeResponse(invite, '200 OK', TAG).replace('Content-Length: 0\r\n\r\n', '');
    call.answeredAt = performance.now();
    send(`${text}${contact}Content-Length: ${sdp().length}\r\n\r\n${sdp()}`, from);
    const { audioAfterMs, holdMs } = manner;
    const target = mediaTargetOf(invite.body);
    let stop = () => {};
    if (target && audioAfterMs !== null) {
      after(audioAfterMs, () => {
        call.audioAt = performance.now();
        stop = sendSilence(rtp, target, target.port);
      });
    }
    after(holdMs, () => {
      stop();
      hangUp(invite, from);
    });
  };

  const invited = (invite: CallerMessage, from: { host: string; port: number }) => {
    const callId = headerOf(invite, 'call-id') ?? '';
    if (byCallId.has(callId)) return;
    const call: CalleeCall = {
      ...{ invitedAt: performance.now(), answeredAt: null, audioAt: null },
      ...{ firstPacketAt: null, firstVoiceAt: null, lastVoiceAt: 0, isOver: false },
    };
    calls.set(numberIn(invite), call);
    byCallId.set(callId, call);
    byPort.set(mediaTargetOf(invite.body)?.port ?? 0, call);
    if (manner.ringMs === null) return answer(invite, call, from);
    send(writeResponse(invite, '180 Ringing', TAG), from);
    after(manner.ringMs, () => answer(invite, call, from));
  };

  sip.on('message', (bytes, { address: host, port: fromPort }) => {
    const message = readMessage(bytes.toString('latin1'));
    const from = { host, port: fromPort };
    if (!message) return;
    if (message.method === 'INVITE') return invited(message, from);
    if (message.method !== '' && message.method !== 'ACK')
      return void send(writeResponse(message, '200 OK', TAG), from);
    const call = byCallId.get(headerOf(message, 'call-id') ?? '');
    if (call && message.status === 200) call.isOver = true;
  });
  rtp.on('message', (packet, { port: fromPort }) => {
    const at = performance.now();
    const call = byPort.get(fromPort);
    if (!call) return;
    call.firstPacketAt ??= at;
    if (!isVoiced(packet)) return;
    call.firstVoiceAt ??= at;
    call.lastVoiceAt = at;
  });

  return {
    port,
    calls,
    behave: (next) => void (manner = next),
    [Symbol.asyncDispose]: async () => {
      isOpen = false;
      for (const timer of timers) clearTimeout(timer);
      sip.close();
      rtp.close();
      await Promise.all([once(sip, 'close'), once(rtp, 'close')]);
    },
  };
};
