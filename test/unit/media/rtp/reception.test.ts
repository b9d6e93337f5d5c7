import { describe, expect, test } from 'vitest';
import { createReception } from '#media/rtp/reception.ts';

const STARTS = [0, 1, 127, 65_534, 65_535];

const receive = (start: number, offsets: readonly number[]) => {
  const reception = createReception();
  offsets.forEach((offset) =>
    reception.note({ ssrc: 1, sequence: (start + offset) & 0xffff, timestamp: (offset * 160) >>> 0 }, offset * 20),
  );
  return reception;
};

describe.each(STARTS)('a stream that starts at sequence %i', (start) => {
  test('loses nothing when nothing is lost', () => {
    const reception = receive(start, [0, 1, 2, 3, 4]);
    expect([reception.received(), reception.lost(), reception.jitterMs()]).toEqual([5, 0, 0]);
  });

  test('counts a gap once, and not when the packet comes late', () => {
    expect(receive(start, [0, 1, 4]).lost()).toBe(2);
    expect(receive(start, [0, 1, 4, 2, 3]).lost()).toBe(0);
  });

  test('reports the loss of the interval', () => {
    const reception = receive(start, [0, 1, 2, 4]);
    expect(reception.report()).toMatchObject({ fractionLost: 51, cumulativeLost: 1 });
    reception.note({ ssrc: 1, sequence: (start + 5) & 0xffff, timestamp: 800 }, 100);
    expect(reception.report()).toMatchObject({ fractionLost: 0, cumulativeLost: 1 });
  });
});

test('the highest sequence counts the times around', () => {
  const reception = receive(65_534, [0, 1, 2, 3]);
  expect(reception.report()?.highestSequence).toBe(65_537);
});

test('M4: a new SSRC or a jump is a new stream, not loss, and what came before stays counted', () => {
  const reception = receive(10, [0, 1, 3]);
  reception.note({ ssrc: 2, sequence: 40_000, timestamp: 5 }, 80);
  reception.note({ ssrc: 2, sequence: 100, timestamp: 165 }, 100);
  expect([reception.received(), reception.lost()]).toEqual([5, 1]);
});

test('jitter follows the difference between arrival and timestamp', () => {
  const reception = createReception();
  for (let index = 0; index < 200; index += 1)
    reception.note({ ssrc: 1, sequence: index, timestamp: index * 160 }, index * 20 + (index % 2) * 10);
  expect(reception.jitterMs()).toBeCloseTo(10, 1);
});

test('there is nothing to report before the first packet', () => {
  expect(createReception().report()).toBeNull();
});
