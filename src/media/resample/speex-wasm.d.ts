/** The raw emscripten module of `@echogarden/speex-resampler-wasm`, which ships without types. */
declare module '@echogarden/speex-resampler-wasm/simd' {
  export type SpeexModule = {
    /** Replaced when the memory grows: always read it afresh. */
    readonly HEAP16: Int16Array;
    readonly HEAP32: Int32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _speex_resampler_init(channels: number, inRate: number, outRate: number, quality: number, error: number): number;
    _speex_resampler_destroy(state: number): void;
    _speex_resampler_reset_mem(state: number): number;
    /** Lengths are pointers to uint32, in samples; both are rewritten with what was consumed and produced. */
    _speex_resampler_process_int(
      state: number,
      channel: number,
      input: number,
      inputLength: number,
      output: number,
      outputLength: number,
    ): number;
  };
  const load: (overrides?: object) => Promise<SpeexModule>;
  export default load;
}
