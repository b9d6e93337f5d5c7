import { expect, test } from 'vitest';
import { createFreezeGuard } from '#media/freeze-guard.ts';

const rig = (leaseMs: number | null) => {
  const time = { now: 1_000, wall: 50_000 };
  const gaps: number[] = [];
  const clock = { now: () => time.now, wall: () => time.wall };
  const guard = createFreezeGuard({ leaseMs, clock, onFrozen: (gapMs) => gaps.push(gapMs) });
  const pass = (now: number, wall = now): void => {
    time.now += now;
    time.wall += wall;
  };
  return { guard, gaps, pass };
};

test('who is asked often enough is not frozen', () => {
  const { guard, gaps, pass } = rig(6_000);
  for (let turn = 0; turn < 10; turn += 1) {
    pass(6_000);
    expect(guard.isFrozen()).toBe(false);
  }
  expect(gaps).toEqual([]);
});

test.each([
  ['stopped', 6_001, 6_001],
  ['suspended with its machine', 0, 6_001],
])('a process that was %s for longer than its lease is frozen until it is let go on', (_, now, wall) => {
  const { guard, gaps, pass } = rig(6_000);
  pass(now, wall);
  expect([guard.isFrozen(), guard.isFrozen(), gaps]).toEqual([true, true, [6_001]]);
  pass(20_000);
  expect([guard.isFrozen(), gaps]).toEqual([true, [6_001]]);
  guard.goOn();
  expect(guard.isFrozen()).toBe(false);
  pass(7_000);
  expect([guard.isFrozen(), gaps]).toEqual([true, [6_001, 7_000]]);
});

test('a wall clock that is set back freezes nobody', () => {
  const { guard, pass } = rig(6_000);
  pass(10, -3_600_000);
  expect(guard.isFrozen()).toBe(false);
});

test('without a lease nothing is waited for', () => {
  const { guard, gaps, pass } = rig(null);
  pass(3_600_000);
  expect([guard.isFrozen(), gaps]).toEqual([false, []]);
});
