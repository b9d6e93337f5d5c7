/** The UDP port pair of one leg. */
import dgram from 'node:dgram';
import { isIPv6 } from 'node:net';

export type Datagram = (bytes: Uint8Array, host: string, port: number) => void;

export type LegSockets = {
  rtpPort: number;
  sendRtp(packet: Uint8Array, host: string, port: number): void;
  sendRtcp(packet: Uint8Array, host: string, port: number): void;
  /** Resolves when both sockets are closed. */
  close(): Promise<void>;
};

export class LegSocketError extends Error {
  readonly code = 'bindFailed';
}

type SocketDeps = { host: string; onRtp: Datagram; onRtcp: Datagram };

const open = (host: string, onDatagram: Datagram): dgram.Socket => {
  const family = isIPv6(host) ? 6 : 4;
  const socket = dgram.createSocket({
    type: `udp${family}`,
    // Addresses are never names; the default resolver would cost a tick and an allocation for each packet.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  socket.on('message', (bytes, from) => onDatagram(bytes, from.address, from.port));
  // ICMP errors are the peer's affair (S4); the silence that follows is noticed by its own timer.
  socket.on('error', () => {});
  return socket;
};

const bind = (socket: dgram.Socket, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    socket.once('error', onError);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', onError);
      resolve();
    });
  });

const close = (socket: dgram.Socket): Promise<void> =>
  new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      resolve();
    }
  });

/** Binds `port` for RTP and the next for RTCP. Rejects with `LegSocketError` when either is taken. */
export const openLegSockets = async (port: number, { host, onRtp, onRtcp }: SocketDeps): Promise<LegSockets> => {
  const rtp = open(host, onRtp);
  const rtcp = open(host, onRtcp);
  const closeBoth = async (): Promise<void> => {
    await Promise.all([close(rtp), close(rtcp)]);
  };
  try {
    await bind(rtp, host, port);
    await bind(rtcp, host, port + 1);
  } catch (cause) {
    await closeBoth();
    throw new LegSocketError(`Port ${port} of ${host} cannot be bound.`, { cause });
  }
  let isClosed = false;
  const send = (socket: dgram.Socket, packet: Uint8Array, toHost: string, toPort: number): void => {
    if (!isClosed) socket.send(packet, 0, packet.length, toPort, toHost);
  };
  return {
    rtpPort: port,
    sendRtp: (packet, toHost, toPort) => send(rtp, packet, toHost, toPort),
    sendRtcp: (packet, toHost, toPort) => send(rtcp, packet, toHost, toPort),
    close: async () => {
      isClosed = true;
      await closeBoth();
    },
  };
};
