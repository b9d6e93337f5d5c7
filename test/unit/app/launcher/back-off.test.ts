import { expect, test } from 'vitest';
import { createBackOff } from '#app/launcher/back-off.ts';

test('pauses double from a quarter of a second to eight seconds', () => {
  const backOff = createBackOff();
  const pauses = Array.from({ length: 8 }, () => backOff.next(0));
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test('a part that lived for five seconds comes back at once and starts the series anew', () => {
  const backOff = createBackOff();
  const pauses = [0, 0, 4_999, 5_000, 0].map((livedMs) => backOff.next(livedMs));
  expect(pauses).toEqual([250, 500, 1000, 0, 250]);
});
