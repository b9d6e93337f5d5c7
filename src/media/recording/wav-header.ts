/** The 44-octet header of a 16-bit PCM WAV file. */

export const WAV_HEADER_BYTES = 44;
export const RECORDING_RATE_HZ = 8_000;

export type WavFormat = { channels: 1 | 2; sampleRateHz: number };

/** Header for `dataBytes` octets of audio. */
export const wavHeader = (dataBytes: number, { channels, sampleRateHz }: WavFormat): Buffer => {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  setDataBytes(header, dataBytes);
  return header;
};

/** Makes an existing header say another length. */
export const setDataBytes = (header: Buffer, dataBytes: number): void => {
  header.writeUInt32LE(36 + dataBytes, 4);
  header.writeUInt32LE(dataBytes, 40);
};
