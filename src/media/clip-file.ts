/** Speech from a WAV file on disk, e.g. a question for a caller to ask. */
import { readFile } from 'node:fs/promises';
import { decodeWave, type Wave } from '#domain/wave.ts';

/** Reads one channel of PCM, mu-law or IMA ADPCM. Rejects with the file system's error or `WaveError`. */
export const readClipFile = async (path: string): Promise<Wave> => decodeWave(await readFile(path));
