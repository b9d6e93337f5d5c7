import { expect, test } from 'vitest';
import { createPortAllocator } from '#media/rtp/port-allocator.ts';
import { slicePorts } from '#media/worker-settings.ts';

test('pairs start at even ports and lie inside the range', () => {
  const allocator = createPortAllocator({ min: 20_001, max: 20_006 });
  expect([allocator.take(0), allocator.take(0), allocator.take(0)]).toEqual([20_002, 20_004, null]);
});

test('M11: a pair that was used rests for half a minute', () => {
  const allocator = createPortAllocator({ min: 20_000, max: 20_001 });
  expect(allocator.take(0)).toBe(20_000);
  allocator.release(20_000, 1_000);
  expect([allocator.take(30_999), allocator.quarantined(30_999)]).toEqual([null, 1]);
  expect([allocator.take(31_000), allocator.quarantined(31_000), allocator.inUse()]).toEqual([20_000, 0, 1]);
});

test('M11: the pair that rested longest is given out last of the fresh ones', () => {
  const allocator = createPortAllocator({ min: 20_000, max: 20_003 });
  allocator.take(0);
  allocator.release(20_000, 0);
  expect([allocator.take(40_000), allocator.take(40_000)]).toEqual([20_002, 20_000]);
});

test('a pair that is not out cannot be given back', () => {
  const allocator = createPortAllocator({ min: 20_000, max: 20_001 });
  allocator.release(20_000, 0);
  expect(allocator.quarantined(0)).toBe(0);
  allocator.take(0);
  allocator.release(20_000, 0);
  allocator.release(20_000, 0);
  expect(allocator.quarantined(0)).toBe(1);
});

test('a pair can be claimed while it is free or rests, not while it is out, and rests again afterwards', () => {
  const allocator = createPortAllocator({ min: 20_000, max: 20_003 });
  expect([allocator.claim(20_000), allocator.claim(20_000), allocator.inUse()]).toEqual([true, false, 1]);
  allocator.release(20_000, 0);
  expect([allocator.claim(20_000), allocator.quarantined(0)]).toEqual([true, 0]);
  expect([allocator.take(40_000), allocator.take(40_000)]).toEqual([20_002, null]);
  allocator.release(20_000, 40_000);
  expect([allocator.quarantined(40_000), allocator.take(70_000)]).toEqual([1, 20_000]);
});

test('a pair outside the range can be claimed, and is never given out', () => {
  const allocator = createPortAllocator({ min: 20_000, max: 20_001 });
  expect([allocator.claim(30_000), allocator.claim(30_000), allocator.inUse()]).toEqual([true, false, 1]);
  allocator.release(30_000, 0);
  expect([allocator.inUse(), allocator.quarantined(0)]).toEqual([0, 0]);
  expect([allocator.take(40_000), allocator.take(40_000)]).toEqual([20_000, null]);
});

test.each([
  [{ min: 20_000, max: 20_009 }, 1, [[20_000, 20_009]]],
  [
    { min: 20_001, max: 20_010 },
    2,
    [
      [20_002, 20_005],
      [20_006, 20_009],
    ],
  ],
  [
    { min: 20_000, max: 20_009 },
    3,
    [
      [20_000, 20_001],
      [20_002, 20_005],
      [20_006, 20_009],
    ],
  ],
])('a range is cut into disjoint slices of whole pairs', (range, parts, slices) => {
  expect(slicePorts(range, parts).map(({ min, max }) => [min, max])).toEqual(slices);
});
