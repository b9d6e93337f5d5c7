import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlayoutQueue } from '#media/playout/playout-queue.ts';

test('what goes in comes out in order, whatever the sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 12 }), (sizes) => {
      const queue = createPlayoutQueue(1_000_000);
      const sent: number[] = [];
      sizes.forEach((size) => {
        const octets = Uint8Array.from({ length: size }, (_, index) => (sent.length + index) % 251);
        queue.push(octets, size, 1);
        for (const octet of octets) sent.push(octet);
      });
      const out = new Uint8Array(160);
      const got: number[] = [];
      for (let count = queue.pop(out); count > 0; count = queue.pop(out)) got.push(...out.subarray(0, count));
      expect(got).toEqual(sent);
      expect(queue.octets()).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('a frame holds one turn only', () => {
  const queue = createPlayoutQueue(10_000);
  queue.push(new Uint8Array(200), 200, 1);
  queue.push(new Uint8Array(200), 200, 2);
  const out = new Uint8Array(160);
  const seen = [];
  for (let turn = queue.turn(); turn !== null; turn = queue.turn()) seen.push([turn, queue.pop(out)]);
  expect(seen).toEqual([
    [1, 160],
    [1, 40],
    [2, 160],
    [2, 40],
  ]);
});

test('clearing tells what each turn lost', () => {
  const queue = createPlayoutQueue(10_000);
  queue.push(new Uint8Array(200), 200, 1);
  queue.push(new Uint8Array(300), 300, 2);
  queue.pop(new Uint8Array(160));
  expect(queue.clear()).toEqual([
    { turn: 1, octets: 40 },
    { turn: 2, octets: 300 },
  ]);
  expect([queue.octets(), queue.turn(), queue.pop(new Uint8Array(160))]).toEqual([0, null, 0]);
});

test('a queue has an end', () => {
  const queue = createPlayoutQueue(100);
  expect([queue.push(new Uint8Array(80), 80, 1), queue.push(new Uint8Array(80), 80, 1)]).toEqual([80, 20]);
  expect(queue.push(new Uint8Array(80), 80, 1)).toBe(0);
});
