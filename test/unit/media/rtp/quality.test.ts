import { expect, test } from 'vitest';
import { estimateMos } from '#media/rtp/quality.ts';

test.each([
  [{ lossFraction: 0, jitterMs: 0, roundTripMs: null }, 4.4],
  [{ lossFraction: 0, jitterMs: 0, roundTripMs: 600 }, 3.6],
  [{ lossFraction: 0.02, jitterMs: 5, roundTripMs: 40 }, 4.2],
  [{ lossFraction: 0.3, jitterMs: 20, roundTripMs: 100 }, 2],
  [{ lossFraction: 1, jitterMs: 500, roundTripMs: 5_000 }, 1],
])('%o is about %d', (quality, mos) => {
  expect(estimateMos(quality)).toBeCloseTo(mos, 0);
  expect(estimateMos(quality)).toBeGreaterThanOrEqual(1);
});
