/**
 * The inner loop of the resampler: a filter over 16-bit samples as WebAssembly with SIMD, eight products at a time.
 * Written as instructions here, since it is a page of them and nothing then has to be built or shipped beside the source.
 */

/** Everything lies in one page of 64 KiB; pointers are octets. */
export type FirKernel = {
  samples: Int16Array;
  /**
   * For each of `count` outputs: the sum of `8 * blocks` products of the samples at `input` and the taps at `taps`
   * (Q15), rounded and limited to 16 bits, goes to `output`; then `input` and `output` are moved on by their steps.
   * `count` and `blocks` are at least 1.
   */
  run(...args: [input: number, taps: number, blocks: number, output: number, count: number, ...steps: number[]]): void;
};

const I32 = 0x7f;
const V128 = 0x7b;
const PARAMETERS = 7;
const [INPUT, TAPS, BLOCKS, OUTPUT, COUNT, INPUT_STEP, OUTPUT_STEP] = [0, 1, 2, 3, 4, 5, 6];
const [SAMPLE_AT, TAP_AT, BLOCKS_LEFT, SUM] = [7, 8, 9, 10];

const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);

const signedLeb = (value: number): number[] =>
  value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(value >> 7)];

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const constant = (value: number): number[] => [0x41, ...signedLeb(value)];
const add = 0x6a;
const shiftRight = 0x75;
const simd = (code: number, ...rest: number[]): number[] => [0xfd, ...leb(code), ...rest];
const loadVector = simd(0x00, 0, 0);
const zeroVector = simd(0x0c, ...times(16, 0));
const splat = simd(0x11);
const firstOfEight = simd(0x18, 0);
const laneOfFour = (lane: number): number[] => simd(0x1b, lane);
const narrow = simd(0x85);
const addVectors = simd(0xae);
const dot = simd(0xba);
const storeSample = [0x3b, 0, 0];
const loop = [0x03, 0x40];
const end = 0x0b;
const repeatIfNotZero = [0x0d, 0];

const advance = (local: number, by: number[]): number[] => [...get(local), ...by, add, ...set(local)];
const countDown = (local: number): number[] => [...get(local), ...constant(-1), add, ...tee(local), ...repeatIfNotZero];

const body = [
  ...loop,
  ...[...zeroVector, ...set(SUM), ...get(INPUT), ...set(SAMPLE_AT), ...get(TAPS), ...set(TAP_AT)],
  ...[...get(BLOCKS), ...set(BLOCKS_LEFT)],
  ...loop,
  ...[...get(SUM), ...get(SAMPLE_AT), ...loadVector, ...get(TAP_AT), ...loadVector, ...dot, ...addVectors, ...set(SUM)],
  ...[...advance(SAMPLE_AT, constant(16)), ...advance(TAP_AT, constant(16)), ...countDown(BLOCKS_LEFT)],
  end,
  ...get(OUTPUT),
  ...[0, 1, 2, 3].flatMap((lane) => [...get(SUM), ...laneOfFour(lane)]),
  ...[add, add, add, ...constant(0x4000), add, ...constant(15), shiftRight],
  ...[...splat, ...tee(SUM), ...get(SUM), ...narrow, ...firstOfEight, ...storeSample],
  ...[...advance(INPUT, get(INPUT_STEP)), ...advance(OUTPUT, get(OUTPUT_STEP)), ...countDown(COUNT)],
  end,
];

const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
const name = (text: string): number[] => [text.length, ...Buffer.from(text)];

const binary = (): Uint8Array<ArrayBuffer> => {
  const code = [2, 3, I32, 1, V128, ...body, end];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, PARAMETERS, ...times(PARAMETERS, I32), 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
};

/** One for each thread. */
export const createFirKernel = (): FirKernel => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary()));
  const { memory, run } = exports as { memory: WebAssembly.Memory; run: FirKernel['run'] };
  return { samples: new Int16Array(memory.buffer), run };
};
