import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What a peer received, with the few things tests look at. */
export type PeerMessage = { text: string; start: string; toTag: string; header(name: string): string; body: string };

export type SipPeer = {
  port: number;
  /** The `host:port` of Via and Contact. */
  address: string;
  protocol: 'UDP' | 'TCP';
  send(text: string): void;
  /** The next message that has not been taken and begins like this; waits for it. */
  take(start: string): Promise<PeerMessage>;
  /** Received but not taken. */
  waiting(): PeerMessage[];
  /** Resolves when everything sent before has been dealt with: an OPTIONS made its way there and back. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

/** Longer than any deadline whose end is waited for; only a fault takes as long. */
const PATIENCE_MS = 20_000;

export function readMessage(text: string): PeerMessage {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const header = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.replace(/\r$/, '') ?? '';
  return {
    text,
    start: head.split('\r\n')[0] ?? '',
    toTag: /;tag=([^;\s]+)/.exec(header('To'))?.[1] ?? '',
    header,
    body: rest.join('\r\n\r\n'),
  };
}

/** A mailbox of messages that tests take from. */
function createInbox(): { put(text: string): void; take: SipPeer['take']; waiting: SipPeer['waiting'] } {
  const messages: PeerMessage[] = [];
  let wake: (() => void)[] = [];
  const put = (text: string): void => {
    messages.push(readMessage(text));
    const sleepers = wake;
    wake = [];
    for (const resume of sleepers) resume();
  };
  const take = async (start: string): Promise<PeerMessage> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const index = messages.findIndex((message) => message.start.startsWith(start));
      const [found] = index < 0 ? [] : messages.splice(index, 1);
      if (found) return found;
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(`No "${start}" came; waiting: ${messages.map((m) => m.start).join(', ') || 'none'}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  return { put, take, waiting: () => [...messages] };
}

let settles = 0;
const settleRequest = (peer: Pick<SipPeer, 'address' | 'protocol'>): { text: string; start: string } => {
  settles += 1;
  const text = [
    'SETTLE sip:settle@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/${peer.protocol} ${peer.address};branch=z9hG4bKsettle${settles}`,
    'From: <sip:s@127.0.0.1>;tag=s',
    'To: <sip:s@127.0.0.1>',
    `Call-ID: settle${settles}`,
    `CSeq: ${settles} SETTLE`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
  return { text, start: 'SIP/2.0 501' };
};

function withSettle(peer: Omit<SipPeer, 'settle'>): SipPeer {
  const settle = async (): Promise<void> => {
    const { text, start } = settleRequest(peer);
    peer.send(text);
    await peer.take(start);
  };
  return { ...peer, settle };
}

/** A raw UDP socket that talks to one SIP server. */
export async function openUdpPeer(serverPort: number): Promise<SipPeer & { aim(port: number): void }> {
  let target = serverPort;
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const inbox = createInbox();
  socket.on('message', (bytes) => inbox.put(bytes.toString('utf8')));
  const udp = withSettle({
    port,
    address: `127.0.0.1:${port}`,
    protocol: 'UDP',
    send: (text) => socket.send(Buffer.from(text, 'utf8'), target, '127.0.0.1'),
    take: inbox.take,
    waiting: inbox.waiting,
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  });
  return { ...udp, aim: (another) => void (target = another) };
}

/** Feeds the messages of a stream to an inbox. */
function readStream(socket: Socket, put: (text: string) => void): void {
  let buffered = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    buffered = Buffer.concat([buffered, bytes]);
    for (;;) {
      if (buffered.toString('latin1', 0, 2) === '\r\n') {
        put('PONG\r\n\r\n');
        buffered = buffered.subarray(2);
      }
      const end = buffered.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length:\s*(\d+)/i.exec(buffered.toString('utf8', 0, end))?.[1] ?? 0);
      if (buffered.length < end + 4 + length) return;
      put(buffered.toString('utf8', 0, end + 4 + length));
      buffered = buffered.subarray(end + 4 + length);
    }
  });
}

/** A TCP connection to a SIP server. */
export async function openTcpPeer(serverPort: number): Promise<SipPeer & { socket: Socket }> {
  const socket = connect({ host: '127.0.0.1', port: serverPort, noDelay: true });
  await once(socket, 'connect');
  const inbox = createInbox();
  readStream(socket, inbox.put);
  const port = socket.localPort ?? 0;
  const peer = withSettle({
    port,
    address: `127.0.0.1:${port}`,
    protocol: 'TCP',
    send: (text) => socket.write(text),
    take: inbox.take,
    waiting: inbox.waiting,
    close: async () => {
      if (socket.closed) return;
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    },
  });
  return { ...peer, socket };
}

/** A listening TCP peer: answers on the connection that the SIP server opened. */
export async function listenTcpPeer(): Promise<SipPeer> {
  const inbox = createInbox();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    readStream(socket, inbox.put);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  return withSettle({
    port,
    address: `127.0.0.1:${port}`,
    protocol: 'TCP',
    send: (text) => {
      for (const socket of sockets) socket.write(text);
    },
    take: inbox.take,
    waiting: inbox.waiting,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
}
