/** Streaming sample rate conversion between the telephone's 8 kHz and the model's rates. One kernel per thread. */
import { designFir, type FirDesign } from './fir-design.ts';
import { createFirKernel, type FirKernel } from './fir-kernel.ts';

export type Resampler = {
  /**
   * Converts `count` samples from the start of `input` (at most `MAX_RESAMPLER_INPUT`) and returns the result as
   * a view that is valid until the next call of any resampler of this thread.
   */
  process(input: Int16Array, count: number): Int16Array;
  /** Forgets the filter's memory, so that nothing of the past sounds in what follows. */
  reset(): void;
  /** The resampler must not be used any more. */
  destroy(): void;
};

export type ResamplerFactory = {
  create(inRateHz: number, outRateHz: number): Resampler;
  /** Resamplers that are not destroyed. */
  live(): number;
};

export class ResamplerError extends Error {
  readonly code = 'resamplerFailed';
}

export const MAX_RESAMPLER_INPUT = 4_800;
const SAMPLE_BYTES = 2;
/** Sample positions in the kernel's memory. */
const INPUT = 0;
const OUTPUT = 8_192;
const TAPS = 24_576;

/** Flat to 3.4 kHz, the telephone's band; images and aliases of it, which begin at 4.6 kHz, are 70 dB down. */
const DESIGNS: readonly FirDesign[] = [
  { up: 2, down: 1, length: 32, cutoffHz: 4_000, rateHz: 16_000, beta: 7.2 },
  { up: 1, down: 3, length: 96, cutoffHz: 3_920, rateHz: 24_000, beta: 6.8 },
];
const designOf = (inRateHz: number, outRateHz: number): number =>
  DESIGNS.findIndex(({ up, down, rateHz }) => inRateHz * up === rateHz && outRateHz * down === rateHz);

type Filter = FirDesign & { phasesAt: readonly number[] };

/** Lays the taps of all designs into the kernel's memory. */
const layOut = (kernel: FirKernel): Filter[] => {
  let at = TAPS;
  return DESIGNS.map((design) => {
    const phasesAt = designFir(design).map((taps) => {
      kernel.samples.set(taps, at);
      at += taps.length;
      return (at - taps.length) * SAMPLE_BYTES;
    });
    return { ...design, phasesAt };
  });
};

const createResampler = (kernel: FirKernel, filter: Filter, onDestroy: () => void): Resampler => {
  const { samples } = kernel;
  const { up, down, length, phasesAt } = filter;
  /** The last samples of what came before. */
  const history = new Int16Array(length - 1);
  /** Position in the coming input at which the next output is due. */
  let next = 0;
  let isDestroyed = false;

  const filterInto = (count: number): number => {
    const outputs = count > next ? Math.floor((count - 1 - next) / down) + 1 : 0;
    if (outputs === 0) return 0;
    const input = (INPUT + next) * SAMPLE_BYTES;
    const steps = [down * SAMPLE_BYTES, up * SAMPLE_BYTES];
    for (let phase = 0; phase < up; phase += 1) {
      kernel.run(input, phasesAt[phase]!, length / 8, (OUTPUT + phase) * SAMPLE_BYTES, outputs, ...steps);
    }
    return outputs;
  };

  return {
    process: (input, count) => {
      if (isDestroyed || count > MAX_RESAMPLER_INPUT) throw new ResamplerError('Resampler used after its end.');
      samples.set(history, INPUT);
      samples.set(input.length === count ? input : input.subarray(0, count), INPUT + history.length);
      const outputs = filterInto(count);
      next += outputs * down - count;
      history.set(samples.subarray(INPUT + count, INPUT + count + history.length));
      return samples.subarray(OUTPUT, OUTPUT + outputs * up);
    },
    reset: () => {
      history.fill(0);
    },
    destroy: () => {
      if (!isDestroyed) onDestroy();
      isDestroyed = true;
    },
  };
};

/** Makes the kernel; once per thread. */
export const loadResamplers = (): Promise<ResamplerFactory> => {
  const kernel = createFirKernel();
  const filters = layOut(kernel);
  let live = 0;

  const create = (inRateHz: number, outRateHz: number): Resampler => {
    const filter = filters[designOf(inRateHz, outRateHz)];
    if (filter === undefined) throw new ResamplerError(`No resampler from ${inRateHz} to ${outRateHz} Hz.`);
    live += 1;
    return createResampler(kernel, filter, () => {
      live -= 1;
    });
  };
  return Promise.resolve({ create, live: () => live });
};
