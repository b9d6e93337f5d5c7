/** Streaming sample rate conversion: Speex, quality 5, WebAssembly with SIMD. One module per thread serves all calls. */
import loadSpeex from '@echogarden/speex-resampler-wasm/simd';

export type Resampler = {
  /**
   * Converts `count` samples from the start of `input` (at most `MAX_RESAMPLER_INPUT`) and returns the result as
   * a view that is valid until the next call of any resampler of this thread.
   */
  process(input: Int16Array, count: number): Int16Array;
  /** Forgets the filter's memory, so that nothing of the past sounds in what follows. */
  reset(): void;
  /** Frees the filter; the resampler must not be used any more. */
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
const MAX_RATIO = 3;
const QUALITY = 5;

/** Loads the module; once per thread. */
export const loadResamplers = async (): Promise<ResamplerFactory> => {
  const speex = await loadSpeex();
  const input = speex._malloc(MAX_RESAMPLER_INPUT * 2);
  const outputCapacity = MAX_RESAMPLER_INPUT * MAX_RATIO;
  const output = speex._malloc(outputCapacity * 2);
  const lengths = speex._malloc(8);
  let live = 0;

  const create = (inRateHz: number, outRateHz: number): Resampler => {
    const state = speex._speex_resampler_init(1, inRateHz, outRateHz, QUALITY, lengths);
    if (state === 0) throw new ResamplerError(`No resampler from ${inRateHz} to ${outRateHz} Hz.`);
    let destroyed = false;
    live += 1;
    return {
      process: (samples, count) => {
        if (destroyed || count > MAX_RESAMPLER_INPUT) throw new ResamplerError('Resampler used after its end.');
        const heap = speex.HEAP16;
        if (samples.length === count) heap.set(samples, input >> 1);
        else for (let index = 0; index < count; index += 1) heap[(input >> 1) + index] = samples[index]!;
        speex.HEAP32[lengths >> 2] = count;
        speex.HEAP32[(lengths >> 2) + 1] = outputCapacity;
        speex._speex_resampler_process_int(state, 0, input, lengths, output, lengths + 4);
        const produced = speex.HEAP32[(lengths >> 2) + 1]!;
        return speex.HEAP16.subarray(output >> 1, (output >> 1) + produced);
      },
      reset: () => {
        if (!destroyed) speex._speex_resampler_reset_mem(state);
      },
      destroy: () => {
        if (destroyed) return;
        destroyed = true;
        live -= 1;
        speex._speex_resampler_destroy(state);
      },
    };
  };
  return { create, live: () => live };
};
