/** Reads a PCM WAV file and boils it down to what a picture of so many columns needs. Pure. */

const RIFF = 0x46_46_49_52;
const DATA = 0x61_74_61_64;
const FORMAT = 0x20_74_6d_66;

export type Peaks = { peaks: Float32Array; durationSeconds: number };

type Chunks = { channels: number; rateHz: number; data: DataView };

/** Null for anything but 16-bit PCM. */
const chunksOf = (file: ArrayBuffer): Chunks | null => {
  const view = new DataView(file);
  if (view.byteLength < 44 || view.getUint32(0, true) !== RIFF) return null;
  let [channels, rateHz] = [0, 0];
  for (let at = 12; at + 8 <= view.byteLength;) {
    const [id, bytes] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    if (id === FORMAT) {
      if (view.getUint16(at + 8, true) !== 1 || view.getUint16(at + 22, true) !== 16) return null;
      [channels, rateHz] = [view.getUint16(at + 10, true), view.getUint32(at + 12, true)];
    }
    if (id === DATA && channels > 0) {
      return { channels, rateHz, data: new DataView(file, at + 8, Math.min(bytes, view.byteLength - at - 8)) };
    }
    at += 8 + bytes + (bytes % 2);
  }
  return null;
};

/** The loudest sample of the first channel in each column, 0 to 1. */
export const peaksOf = (file: ArrayBuffer, columns: number): Peaks | null => {
  const chunks = chunksOf(file);
  if (!chunks) return null;
  const { channels, rateHz, data } = chunks;
  const frames = Math.floor(data.byteLength / 2 / channels);
  const peaks = new Float32Array(columns);
  for (let column = 0; column < columns; column += 1) {
    const end = Math.floor(((column + 1) * frames) / columns);
    let loudest = 0;
    for (let frame = Math.floor((column * frames) / columns); frame < end; frame += 1) {
      loudest = Math.max(loudest, Math.abs(data.getInt16(frame * 2 * channels, true)));
    }
    peaks[column] = loudest / 32_768;
  }
  return { peaks, durationSeconds: frames / rateHz };
};
