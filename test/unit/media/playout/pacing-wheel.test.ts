import { expect, test } from 'vitest';
import { createPacingWheel } from '#media/playout/pacing-wheel.ts';

const rider = () => {
  const rides: { tick: number; nowMs: number }[] = [];
  return { rides, ride: (tick: number, nowMs: number) => void rides.push({ tick, nowMs }) };
};

/** Turns the wheel as its timer does, with the timer late by a changing fraction. */
const turn = (wheel: ReturnType<typeof createPacingWheel>, fromMs: number, toMs: number): void => {
  for (let ms = fromMs, step = 0; ms < toMs; step += 1)
    ms = Math.max(ms + 1, (wheel.advance(ms) ?? ms + 5) + (step % 3) * 0.4);
};

const stepsOf = (ticks: readonly number[]): number[] => ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0));

test('M1: each rider rides every 20 ms on a grid that does not drift', () => {
  const wheel = createPacingWheel(100);
  const one = rider();
  wheel.add(one);
  turn(wheel, 100, 10_100);
  const ticks = one.rides.map(({ tick }) => tick);
  expect(ticks.length).toBe(500);
  expect(new Set(stepsOf(ticks))).toEqual(new Set([4]));
  expect(one.rides.every(({ tick, nowMs }) => nowMs - (100 + tick * 5) < 1)).toBe(true);
});

test('riders are spread over the four slots', () => {
  const wheel = createPacingWheel(0);
  const riders = Array.from({ length: 8 }, () => rider());
  riders.forEach((one) => wheel.add(one));
  turn(wheel, 0, 40);
  const slots = riders.map(({ rides }) => rides[0]!.tick % 4);
  expect([0, 1, 2, 3].map((slot) => slots.filter((of) => of === slot).length)).toEqual([2, 2, 2, 2]);
});

test('M1: a stall of 500 ms costs the missed frames and causes no burst', () => {
  const wheel = createPacingWheel(0);
  const one = rider();
  wheel.add(one);
  turn(wheel, 0, 200);
  const before = one.rides.length;
  wheel.advance(703);
  expect(one.rides.length).toBe(before + 1);
  expect(wheel.advance(703)).toBe(705);
  turn(wheel, 705, 800);
  const ticks = one.rides.slice(before).map(({ tick }) => tick);
  expect(new Set(stepsOf(ticks))).toEqual(new Set([4]));
});

test('a rider that got off does not ride, and an empty wheel asks for no timer', () => {
  const wheel = createPacingWheel(0);
  const one = rider();
  const seat = wheel.add(one);
  wheel.advance(20);
  seat[Symbol.dispose]();
  expect([wheel.advance(100), wheel.riders(), one.rides.length]).toEqual([null, 0, 1]);
});
