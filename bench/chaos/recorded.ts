/** How long the audio of a published recording is, by its file alone. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const HEADER_BYTES = 44;
/** 8 kHz, two channels of 16 bits. */
const BYTES_PER_MS = 32;

/** Null when there is no such file. */
export const recordedMs = async (dataDirectory: string, callId: string): Promise<number | null> => {
  try {
    const { size } = await stat(join(dataDirectory, 'sessions', callId, 'recording.wav'));
    return (size - HEADER_BYTES) / BYTES_PER_MS;
  } catch {
    return null;
  }
};
