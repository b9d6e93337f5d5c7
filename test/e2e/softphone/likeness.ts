/** How much of a clip a recording contains, by normalised cross-correlation. */

type Spectrum = { re: Float64Array; im: Float64Array };

const PIECE_SAMPLES = 8_000;
const LEAST_PIECE_SAMPLES = 4_000;

const turns = new Map<number, { cos: Float64Array; sin: Float64Array }>();

const turnsOf = (span: number) => {
  const known = turns.get(span);
  if (known) return known;
  const made = { cos: new Float64Array(span), sin: new Float64Array(span) };
  for (let n = 0; n < span; n += 1) {
    made.cos[n] = Math.cos((Math.PI * n) / span);
    made.sin[n] = Math.sin((Math.PI * n) / span);
  }
  turns.set(span, made);
  return made;
};

/** Radix 2, in place; `sign` -1 forwards, 1 backwards (not scaled). */
const transform = ({ re, im }: Spectrum, sign: 1 | -1): void => {
  reorder(re);
  reorder(im);
  const size = re.length;
  for (let span = 1; span < size; span *= 2) {
    const { cos, sin } = turnsOf(span);
    for (let start = 0; start < size; start += 2 * span) {
      for (let n = 0; n < span; n += 1) {
        const low = start + n;
        const high = low + span;
        const turnedRe = re[high]! * cos[n]! - im[high]! * sign * sin[n]!;
        const turnedIm = re[high]! * sign * sin[n]! + im[high]! * cos[n]!;
        re[high] = re[low]! - turnedRe;
        im[high] = im[low]! - turnedIm;
        re[low] = re[low]! + turnedRe;
        im[low] = im[low]! + turnedIm;
      }
    }
  }
};

/** Each value to the place whose number has its bits mirrored. */
const reorder = (values: Float64Array): void => {
  for (let at = 1, mirrored = 0; at < values.length; at += 1) {
    let bit = values.length >> 1;
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit;
    mirrored ^= bit;
    if (at >= mirrored) continue;
    const value = values[at]!;
    values[at] = values[mirrored]!;
    values[mirrored] = value;
  }
};

const spectrumOf = (pcm: Int16Array, size: number): Spectrum => {
  const spectrum = { re: new Float64Array(size), im: new Float64Array(size) };
  spectrum.re.set(pcm);
  transform(spectrum, -1);
  return spectrum;
};

/** Sums of squares up to each sample. */
const energyBefore = (pcm: Int16Array): Float64Array => {
  const sums = new Float64Array(pcm.length + 1);
  for (let n = 0; n < pcm.length; n += 1) sums[n + 1] = (sums[n] ?? 0) + (pcm[n] ?? 0) ** 2;
  return sums;
};

const energyOf = (pcm: Int16Array): number => energyBefore(pcm).at(-1) ?? 0;

const piecesOf = (clip: Int16Array): Int16Array[] =>
  Array.from({ length: Math.ceil(clip.length / PIECE_SAMPLES) }, (_, n) =>
    clip.subarray(n * PIECE_SAMPLES, (n + 1) * PIECE_SAMPLES),
  ).filter(({ length }) => length >= LEAST_PIECE_SAMPLES);

/**
 * 1: all of the clip is in the recording, at whatever loudness; about 0.3: other speech of the same voice. The clip
 * is looked for in pieces of a second, as a lost or added frame shifts the rest; the median of the pieces counts.
 */
export const likeness = (recording: Int16Array, clip: Int16Array): number => {
  let size = 1;
  while (size < recording.length + PIECE_SAMPLES) size *= 2;
  const whole = spectrumOf(recording, size);
  const energy = energyBefore(recording);
  const average = energyOf(recording) / Math.max(1, recording.length);

  const best = piecesOf(clip).map((piece) => {
    const { re, im } = spectrumOf(piece, size);
    for (let n = 0; n < size; n += 1) {
      const [a, b, c, d] = [whole.re[n] ?? 0, whole.im[n] ?? 0, re[n] ?? 0, im[n] ?? 0];
      re[n] = a * c + b * d;
      im[n] = b * c - a * d;
    }
    transform({ re, im }, 1);
    const pieceEnergy = energyOf(piece);
    let most = 0;
    for (let lag = 0; lag + piece.length <= recording.length; lag += 1) {
      // Near silence any noise would look alike.
      const there = Math.max((energy[lag + piece.length] ?? 0) - (energy[lag] ?? 0), (average * piece.length) / 100);
      most = Math.max(most, (re[lag] ?? 0) / size / Math.sqrt(pieceEnergy * there));
    }
    return most;
  });
  return best.toSorted((a, b) => a - b)[Math.floor(best.length / 2)] ?? 0;
};
