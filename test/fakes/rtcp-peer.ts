import dgram from 'node:dgram';
import { once } from 'node:events';
import { RtpPeer } from './rtp-peer.ts';

const BYE = 203;

/** Types of the packets in a compound RTCP packet (RFC 3550 6.1). */
const typesOf = (bytes: Buffer): number[] => {
  const types: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2) * 4) types.push(bytes[at + 1]!);
  return types;
};

/** An RTP peer that also listens to the RTCP beside it. */
export const openRtcpPeer = async () => {
  const reports: number[][] = [];
  for (;;) {
    const peer = await RtpPeer.open();
    const socket = dgram.createSocket('udp4');
    socket.on('message', (bytes) => reports.push(typesOf(bytes)));
    try {
      const listening = once(socket, 'listening');
      socket.bind(peer.port + 1, '127.0.0.1');
      await listening;
    } catch {
      socket.close();
      await peer.close();
      continue;
    }
    return {
      peer,
      byes: () => reports.filter((types) => types.includes(BYE)).length,
      close: async () => {
        socket.close();
        await peer.close();
      },
    };
  }
};
