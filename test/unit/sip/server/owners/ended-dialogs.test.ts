import { describe, expect, it } from 'vitest';
import { createEndedDialogs } from '#sip/server/owners/ended-dialogs.ts';

describe('ends of dialogs', () => {
  const at = (start: number) => {
    let now = start;
    return { clock: { now: () => now }, move: (ms: number) => (now += ms) };
  };

  it('are remembered with their time for five minutes', () => {
    const { clock, move } = at(1000);
    const ended = createEndedDialogs(clock);
    ended.note('a', { reason: 'normal-release', epoch: 1 });
    move(299_999);
    expect(ended.find('a')).toEqual({ at: 1000, reason: 'normal-release', epoch: 1 });
    move(1);
    expect(ended.find('a')).toBeUndefined();
    expect(ended.size()).toBe(0);
  });

  it('give way to newer ones when there are too many', () => {
    const ended = createEndedDialogs(at(0).clock);
    for (let index = 0; index < 20_001; index += 1) ended.note(`d${index}`, { reason: 'normal-release', epoch: 0 });
    expect([ended.size(), ended.find('d0'), ended.find('d1')?.at]).toEqual([20_000, undefined, 0]);
  });
});
