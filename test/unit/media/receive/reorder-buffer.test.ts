import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReorderBuffer } from '#media/receive/reorder-buffer.ts';

const STARTS = [0, 1, 127, 65_534, 65_535];

/** Each packet carries one sample, its number; losses are noted as negative counts. */
const rig = (start: number, waitMs = 60) => {
  const out: number[] = [];
  const buffer = createReorderBuffer(waitMs, {
    deliver: (pcm) => out.push(pcm === null ? Number.NaN : pcm[0]!),
    lost: (packets) => out.push(-packets),
  });
  const push = (number: number, nowMs: number): boolean =>
    buffer.push((start + number) & 0xffff, Int16Array.of(number), 1, nowMs);
  return { out, buffer, push };
};

describe.each(STARTS)('packets from sequence %i on', (start) => {
  test('pass at once when they are in order', () => {
    const { out, push } = rig(start);
    for (let number = 1; number <= 5; number += 1) {
      push(number, number * 20);
      expect(out.length).toBe(number);
    }
    expect(out).toEqual([1, 2, 3, 4, 5]);
  });

  test('are put in order when one overtakes another', () => {
    const { out, push } = rig(start);
    [1, 3, 2, 4].forEach((number) => push(number, number));
    expect(out).toEqual([1, 2, 3, 4]);
  });

  test('wait for a gap no longer than they are told', () => {
    const { out, buffer, push } = rig(start);
    push(1, 0);
    push(4, 20);
    buffer.expire(79);
    expect(out).toEqual([1]);
    buffer.expire(80);
    expect(out).toEqual([1, -2, 4]);
    expect(push(3, 81)).toBe(false);
    expect(out).toEqual([1, -2, 4]);
  });

  test('are delivered once, however often they come', () => {
    const { out, push } = rig(start);
    [1, 1, 3, 3, 2, 2, 3].forEach((number) => push(number, 0));
    expect(out).toEqual([1, 2, 3]);
  });

  test('M4: go on after a jump of the sequence in either direction', () => {
    const { out, buffer, push } = rig(start);
    push(1, 0);
    push(5_001, 20);
    push(5_002, 40);
    buffer.expire(80);
    push(3, 100);
    push(4, 120);
    expect(out).toEqual([1, -4_999, 5_001, 5_002, 3, 4]);
  });

  test('M4: go on when the sender starts over a little way back', () => {
    const { out, push } = rig(start);
    [50, 51, 52, 45, 46, 47, 48, 49].forEach((number) => push(number, 0));
    expect(out).toEqual([50, 51, 52, 48, 49]);
  });
});

test('a packet without audio keeps its place', () => {
  const { out, buffer, push } = rig(0);
  push(1, 0);
  buffer.push(2, null, 0, 20);
  push(3, 40);
  expect(out).toEqual([1, Number.NaN, 3]);
});

test('every packet of any order is delivered at most once and in rising order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 80 }),
      fc.constantFrom(...STARTS),
      (numbers, start) => {
        const { out, buffer, push } = rig(start);
        push(0, 0);
        numbers.forEach((number, index) => {
          push(number, index);
          buffer.expire(index);
        });
        buffer.expire(1_000);
        const delivered = out.filter((number) => number >= 0);
        const isRising = delivered.every((number, index) => index === 0 || number > delivered[index - 1]!);
        // A run of late packets that follow each other is taken for a new stream and may repeat.
        const hasRun = numbers.some(
          (_, at) => at >= 3 && [1, 2, 3].every((back) => numbers[at - back] === numbers[at]! - back),
        );
        expect(isRising || hasRun).toBe(true);
      },
    ),
  );
});
