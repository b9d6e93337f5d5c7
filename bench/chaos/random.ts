/** Numbers that follow from a seed, so that a run can be made again. */

export type Random = {
  /** From 0 to below 1. */
  next(): number;
  between(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
};

/** Mulberry32. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new RangeError('There is nothing to pick from.');
    return item;
  };
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    pick,
    shuffled: (items) => {
      const left = [...items];
      return items.map(() => left.splice(Math.floor(next() * left.length), 1)[0]!);
    },
  };
};
