import { expect, it } from 'vitest';
import { createPatience } from '#media/worker-patience.ts';

const after = (losses: readonly number[], atMs: number): number => {
  let nowMs = 0;
  const patience = createPatience(() => nowMs);
  for (const at of losses) {
    nowMs = at;
    patience.lose();
  }
  nowMs = atMs;
  return patience.stillMs();
};

it.each([
  ['the first one', [], 0, 1_000],
  ['the one after it', [100_000], 100_001, 2_000],
  ['one after two in a row', [100_000, 106_000], 106_001, 4_000],
  ['one after many in a row', [100_000, 106_000, 112_000, 118_000, 124_000], 124_001, 8_000],
  ['one after two that had nothing to do with each other', [100_000, 130_000], 130_001, 2_000],
  ['one that has run for a while', [100_000, 106_000], 121_001, 1_000],
])('a media worker has its time to stand still: %s', (_, losses, atMs, stillMs) => {
  expect(after(losses, atMs)).toBe(stillMs);
});
