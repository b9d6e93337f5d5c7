/** A drachtio control server without SIP: the test plays the network, and sees the commands of the application. */
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type SentCommand = {
  /** `sip`, `route`, … */
  name: string;
  transactionId: string;
  dialogId: string;
  /** First line of the SIP message. */
  startLine: string;
  headers: Record<string, string>;
  body: string;
};

export type NetworkMessage = {
  startLine: string;
  headers: Record<string, string>;
  body?: string;
  transactionId?: string;
  dialogId?: string;
  from?: { host: string; port: number };
  source?: 'network' | 'application';
};

const SECRET = 'secret';
const ADDRESS = 'udp/127.0.0.1:5060';

const readCommand = (frame: string): SentCommand & { id: string } => {
  const [leader = '', ...rest] = frame.split('\r\n');
  const [id = '', name = '', transactionId = '', dialogId = ''] = leader.split('|');
  const message = rest.join('\r\n');
  const end = message.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = message.slice(0, end < 0 ? message.length : end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { id, name, transactionId, dialogId, startLine, headers, body: end < 0 ? '' : message.slice(end + 4) };
};

/** Contact is what the server adds to a response; a `reply` other than null replaces the confirmation. */
export const createFakeControlServer = async () => {
  const events = new EventEmitter();
  const commands: SentCommand[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let reply: ((command: SentCommand) => string | null | 'silence') | null = null;

  const write = (socket: Socket, payload: string) => socket.write(`${Buffer.byteLength(payload)}#${payload}`);

  const confirm = (command: SentCommand & { id: string }): { text: string; transactionId: string } => {
    const isResponse = command.startLine.startsWith('SIP/2.0');
    const callId = command.headers['call-id'] ?? '';
    const fromTag = /tag=([^;]+)/.exec(command.headers['from'] ?? '')?.[1] ?? '';
    const dialogId = isResponse ? `|${callId};from-tag=${fromTag}||Msg sent:|` : '|Msg sent:|';
    const transactionId = command.transactionId || randomUUID();
    const headers = { contact: '<sip:127.0.0.1:5060>', ...command.headers };
    const message = [
      command.startLine,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      command.body,
    ].join('\r\n');
    const text = `OK|application|1|udp|127.0.0.1|5066|09:00:00.000000|${transactionId}${dialogId}\r\n${message}`;
    return { text, transactionId };
  };

  const onFrame = (socket: Socket, frame: string): void => {
    const command = readCommand(frame);
    const respond = (text: string) => write(socket, `${randomUUID()}|response|${command.id}|${text}`);
    if (command.name === 'authenticate') {
      respond(command.transactionId === SECRET ? `OK|${ADDRESS}|v0.9.10|${ADDRESS}` : 'NO|incorrect secret');
      return;
    }
    if (command.name !== 'sip') {
      respond(command.name === 'ping' ? 'OK|pong' : 'OK');
      return;
    }
    const special = reply?.(command) ?? null;
    if (special === null) {
      const { text, transactionId } = confirm(command);
      respond(text);
      events.emit('sent', { ...command, transactionId });
    } else if (special !== 'silence') respond(special);
    commands.push(command);
    events.emit('command');
  };

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      for (;;) {
        const hash = received.indexOf('#');
        const length = Number(received.subarray(0, Math.max(0, hash)).toString());
        if (hash < 0 || received.length < hash + 1 + length) return;
        const frame = received.subarray(hash + 1, hash + 1 + length).toString();
        received = received.subarray(hash + 1 + length);
        onFrame(socket, frame);
      }
    });
    events.emit('connection');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    secret: SECRET,
    commands,
    get connections() {
      return connections;
    },
    /** Answer commands otherwise than by confirming them: a text, or `silence`. Null confirms. */
    set reply(next: ((command: SentCommand) => string | null | 'silence') | null) {
      reply = next;
    },
    /** A message from the network, or one that the server itself sent. */
    deliver(message: NetworkMessage): void {
      const { from = { host: '127.0.0.1', port: 5066 }, body = '', source = 'network' } = message;
      const transactionId = message.transactionId ?? randomUUID();
      const leader = [
        randomUUID(),
        'sip',
        source,
        1,
        'udp',
        from.host,
        from.port,
        '09:00:00.000000',
        transactionId,
        message.dialogId ?? '',
        '127.0.0.1',
        5060,
        '',
      ].join('|');
      const text = [
        message.startLine,
        ...Object.entries(message.headers).map(([name, value]) => `${name}: ${value}`),
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n');
      for (const socket of sockets) write(socket, `${leader}\r\n${text}`);
    },
    /** The first command that fulfils the condition, seen or still to come. */
    async untilCommand(fulfils: (command: SentCommand) => boolean): Promise<SentCommand> {
      for (;;) {
        const found = commands.find(fulfils);
        if (found) return found;
        await once(events, 'command');
      }
    },
    /** Runs for each message that the application sent, with the transaction id the server gave it. */
    onSent: (listener: (command: SentCommand) => void) => void events.on('sent', listener),
    untilConnection: () => once(events, 'connection'),
    dropConnections(): void {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

export type FakeControlServer = Awaited<ReturnType<typeof createFakeControlServer>>;
