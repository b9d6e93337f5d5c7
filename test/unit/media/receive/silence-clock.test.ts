import { expect, test } from 'vitest';
import { createSilenceClock } from '#media/receive/silence-clock.ts';

const asked = (clock: ReturnType<typeof createSilenceClock>, from: number, to: number): number => {
  let frames = 0;
  for (let ms = from; ms < to; ms += 20) frames += clock.due(ms);
  return frames;
};

test('M8: when no audio comes, silence fills the time exactly', () => {
  const clock = createSilenceClock();
  clock.begin(0);
  expect(asked(clock, 0, 2_001)).toBe(100);
});

test('while audio comes no silence is put between, however it jitters', () => {
  const clock = createSilenceClock();
  clock.begin(0);
  let frames = 0;
  for (let ms = 0; ms < 2_000; ms += 20) {
    if (ms % 80 === 0) clock.heard(ms, 20);
    frames += clock.due(ms);
  }
  expect(frames).toBe(0);
});

test('packets of 120 ms are not taken for pauses', () => {
  const clock = createSilenceClock();
  let frames = 0;
  for (let ms = 0; ms < 2_400; ms += 20) {
    if (ms % 120 === 0) clock.heard(ms, 120);
    frames += clock.due(ms);
  }
  expect(frames).toBe(0);
});

test('M8: after comfort noise was announced silence is due at once', () => {
  const clock = createSilenceClock();
  clock.heard(0, 20);
  clock.pause();
  expect([clock.due(10), clock.due(20), clock.due(40)]).toEqual([0, 1, 1]);
  expect(clock.filledFrames()).toBe(2);
  clock.heard(60, 20);
  expect([clock.due(80), clock.filledFrames()]).toEqual([0, 0]);
});

test('packets that wait in the socket after a stall are not preceded by silence', () => {
  const clock = createSilenceClock();
  clock.heard(0, 20);
  expect([clock.due(20), clock.due(520)]).toEqual([0, 0]);
  clock.heard(521, 20);
  expect(clock.due(540)).toBe(0);
});

test('before anything is connected nothing is due', () => {
  expect(createSilenceClock().due(5_000)).toBe(0);
});
