/** Agent audio waiting to leave: encoded octets in pages, tagged with the model's turn. Pages are shared by all calls. */

export const FRAME_OCTETS = 160;
const PAGE_OCTETS = 8_000;
const SPARE_PAGES = 256;

const sparePages: Uint8Array[] = [];

const takePage = (): Uint8Array => sparePages.pop() ?? new Uint8Array(PAGE_OCTETS);
const returnPage = (page: Uint8Array): void => {
  if (sparePages.length < SPARE_PAGES) sparePages.push(page);
};

export type PlayoutQueue = {
  /** Appends the first `count` octets; returns how many found room. */
  push(octets: Uint8Array, count: number, turn: number): number;
  /** Moves up to a frame of the first turn's octets into `out`; returns how many. */
  pop(out: Uint8Array): number;
  /** Turn of the octets that leave next, or null when nothing waits. */
  turn(): number | null;
  octets(): number;
  octetsOf(turn: number): number;
  /** Empties the queue; returns the turns that lost octets. */
  clear(): readonly { turn: number; octets: number }[];
};

export const createPlayoutQueue = (maxOctets: number): PlayoutQueue => {
  let pages: Uint8Array[] = [];
  let head = 0;
  let tail = 0;
  let total = 0;
  let stretches: { turn: number; octets: number }[] = [];

  const copyIn = (octets: Uint8Array, count: number): void => {
    for (let at = 0; at < count;) {
      if (pages.length === 0 || tail === PAGE_OCTETS) {
        pages.push(takePage());
        tail = 0;
      }
      const size = Math.min(count - at, PAGE_OCTETS - tail);
      pages.at(-1)!.set(octets.subarray(at, at + size), tail);
      tail += size;
      at += size;
    }
  };

  const copyOut = (out: Uint8Array, count: number): void => {
    for (let at = 0; at < count;) {
      const page = pages[0]!;
      const size = Math.min(count - at, PAGE_OCTETS - head);
      for (let index = 0; index < size; index += 1) out[at + index] = page[head + index]!;
      head += size;
      at += size;
      if (head === PAGE_OCTETS) dropFirstPage();
    }
  };

  const dropFirstPage = (): void => {
    returnPage(pages.shift()!);
    head = 0;
  };

  return {
    push: (octets, count, turn) => {
      const taken = Math.min(count, maxOctets - total);
      if (taken <= 0) return 0;
      copyIn(octets, taken);
      total += taken;
      const last = stretches.at(-1);
      if (last?.turn === turn) last.octets += taken;
      else stretches.push({ turn, octets: taken });
      return taken;
    },
    pop: (out) => {
      const first = stretches[0];
      if (first === undefined) return 0;
      const count = Math.min(FRAME_OCTETS, first.octets);
      copyOut(out, count);
      total -= count;
      first.octets -= count;
      if (first.octets === 0) stretches.shift();
      if (total === 0 && pages.length > 0) {
        dropFirstPage();
        tail = 0;
      }
      return count;
    },
    turn: () => stretches[0]?.turn ?? null,
    octets: () => total,
    octetsOf: (turn) => stretches.find((stretch) => stretch.turn === turn)?.octets ?? 0,
    clear: () => {
      const lost = stretches;
      for (const page of pages) returnPage(page);
      pages = [];
      stretches = [];
      head = 0;
      tail = 0;
      total = 0;
      return lost;
    },
  };
};
