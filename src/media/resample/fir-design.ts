/** Low-pass filters for whole ratios: a sinc in a Kaiser window, cut into the phases of a polyphase filter. Pure. */

export type FirDesign = {
  /** Outputs for each input, or 1. */
  up: number;
  /** Inputs for each output, or 1. */
  down: number;
  /** Taps of each phase: a multiple of 8. */
  length: number;
  /** Half of the amplitude passes here. */
  cutoffHz: number;
  /** The rate at which the filter works: the higher of both. */
  rateHz: number;
  beta: number;
};

const ONE = 0x8000;

/** Modified Bessel function of the first kind, order 0. */
const bessel = (x: number): number => {
  let sum = 1;
  for (let term = 1, k = 1; term > sum * 1e-12; k += 1) sum += term *= (x / (2 * k)) ** 2;
  return sum;
};

const windowedSinc = ({ up, length, cutoffHz, rateHz, beta }: FirDesign): number[] => {
  const taps = up * length;
  const middle = (taps - 1) / 2;
  return Array.from({ length: taps }, (_, index) => {
    const x = (2 * cutoffHz * (index - middle)) / rateHz;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * bessel(beta * Math.sqrt(1 - ((index - middle) / (middle + 0.5)) ** 2));
  });
};

/** To Q15 with a sum of exactly one, so that a constant stays what it is in every phase. */
const quantise = (phase: readonly number[]): Int16Array => {
  const total = phase.reduce((sum, tap) => sum + tap, 0);
  const taps = Int16Array.from(phase, (tap) => Math.round((tap / total) * ONE));
  const largest = taps.indexOf(Math.max(...taps));
  taps[largest]! += ONE - taps.reduce((sum, tap) => sum + tap, 0);
  return taps;
};

/** The taps of each phase in the order of the samples, oldest first. */
export const designFir = (design: FirDesign): Int16Array[] => {
  const prototype = windowedSinc(design);
  return Array.from({ length: design.up }, (_, phase) =>
    quantise(prototype.filter((_tap, index) => index % design.up === phase)).toReversed(),
  );
};
