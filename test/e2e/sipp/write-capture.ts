/** Writes a capture file (pcap) of RTP packets for SIPp's `play_pcap_audio`, from µ-law audio. */
import { writeFile } from 'node:fs/promises';

const FRAME_BYTES = 160;
const FRAME_MICROSECONDS = 20_000;
const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const UDP_BYTES = 8;
const RTP_BYTES = 12;

const capturedFrame = (payload: Uint8Array, index: number): Buffer => {
  const frame = Buffer.alloc(ETHERNET_BYTES + IP_BYTES + UDP_BYTES + RTP_BYTES + payload.length);
  frame.writeUInt16BE(0x0800, 12);
  const ip = frame.subarray(ETHERNET_BYTES);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(ip.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(17, 9);
  ip.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
  const udp = ip.subarray(IP_BYTES);
  udp.writeUInt16BE(6000, 0);
  udp.writeUInt16BE(6000, 2);
  udp.writeUInt16BE(udp.length, 4);
  const rtp = udp.subarray(UDP_BYTES);
  rtp.writeUInt8(0x80, 0);
  rtp.writeUInt8(index === 0 ? 0x80 : 0, 1);
  rtp.writeUInt16BE(index, 2);
  rtp.writeUInt32BE(index * FRAME_BYTES, 4);
  rtp.writeUInt32BE(0x5150_5150, 8);
  rtp.set(payload, RTP_BYTES);
  return frame;
};

export const writeCapture = async (file: string, audio: Uint8Array): Promise<void> => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records: Buffer[] = [header];
  for (let index = 0; index * FRAME_BYTES < audio.length; index += 1) {
    const frame = capturedFrame(audio.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES), index);
    const record = Buffer.alloc(16);
    const at = index * FRAME_MICROSECONDS;
    record.writeUInt32LE(Math.floor(at / 1_000_000), 0);
    record.writeUInt32LE(at % 1_000_000, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    records.push(record, frame);
  }
  await writeFile(file, Buffer.concat(records));
};
