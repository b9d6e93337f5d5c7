import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type RawApp = {
  socket: Socket;
  write(text: string): void;
  say(payload: string): void;
  next(): Promise<string>;
  /** Received and not taken. */
  waiting(): string[];
  closed: Promise<unknown>;
};

/** An application that speaks frames by hand. */
export async function openRawApp(port: number): Promise<RawApp> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  let buffered = Buffer.alloc(0);
  const payloads: string[] = [];
  const news = new EventTarget();
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    buffered = Buffer.concat([buffered, bytes]);
    for (let hash = buffered.indexOf('#'); hash > 0; hash = buffered.indexOf('#')) {
      const end = hash + 1 + Number(buffered.toString('utf8', 0, hash));
      if (buffered.length < end) return;
      payloads.push(buffered.toString('utf8', hash + 1, end));
      buffered = buffered.subarray(end);
      news.dispatchEvent(new Event('payload'));
    }
  });
  const next = async (): Promise<string> => {
    if (payloads.length === 0) await once(news, 'payload');
    return payloads.shift() ?? '';
  };
  const closed = once(socket, 'close');
  return {
    socket,
    closed,
    next,
    waiting: () => [...payloads],
    write: (text) => socket.write(text),
    say: (payload) => socket.write(`${Buffer.byteLength(payload)}#${payload}`),
  };
}

/** Fields of a frame's first line, without the frame's own id. */
export const fields = (payload: string): string[] => (payload.split('\r\n')[0] ?? '').split('|').slice(1);
