import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fromBytes, toBytes } from '#sip/server/message/sip-message.ts';
import { ListenError, type Address, type Flow, type Receive, type Transport } from './flow.ts';

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Keep-alives (CRLF, NUL) and stray packets are shorter than any message. */
const SHORTEST_MESSAGE = 12;

/** Opens a UDP port. Throws `ListenError`. A reset or unreachable peer never closes the port. */
export async function openUdpTransport(listen: Address, receive: Receive): Promise<Transport> {
  const socket = createSocket({ type: listen.host.includes(':') ? 'udp6' : 'udp4' });
  socket.bind(listen.port, listen.host);
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw new ListenError(`udp:${listen.host}:${listen.port}`, error as Error);
  }
  socket.on('error', () => undefined);
  growReceiveBuffer(() => socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES));

  const local: Address = { host: listen.host, port: socket.address().port };
  let isOpen = true;
  const flowTo = (remote: Address): Flow => ({
    protocol: 'udp',
    local,
    remote,
    isOpen: () => isOpen,
    send: (text, failed) => {
      if (!isOpen) return queueMicrotask(() => failed(new Error('The port is closed')));
      socket.send(toBytes(text), remote.port, remote.host, (error) => {
        if (error) failed(error);
      });
    },
  });

  socket.on('message', (bytes, from) => {
    if (bytes.length >= SHORTEST_MESSAGE) receive(fromBytes(bytes), flowTo({ host: from.address, port: from.port }));
  });

  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  };
  return { protocol: 'udp', local, flowTo, close };
}

/** The system may cap or refuse it; the default then serves. */
function growReceiveBuffer(grow: () => void): void {
  try {
    grow();
  } catch {
    return;
  }
}
