import { describe, expect, it } from 'vitest';
import { enteredStates, segmentText, table } from '#demo/report.ts';

describe('what the demo prints', () => {
  it.each([
    [null, 'idle', 'idle'],
    ['idle', '{"opening":"bindingMedia"}', 'opening.bindingMedia'],
    [
      '{"talking":{"turn":"listening","media":"flowing"}}',
      '{"talking":{"turn":"thinking","media":"flowing"}}',
      'talking.turn.thinking',
    ],
    [
      '{"talking":{"a":"x"}}',
      '{"closing":{"model":"closing","limits":{"b":"y"}}}',
      'closing.model.closing + closing.limits.b.y',
    ],
    ['alerting', 'alerting', ''],
  ])('names the states entered from %j to %j', (from, to, expected) => {
    expect(enteredStates(from, to)).toBe(expected);
  });

  it('aligns columns', () => {
    expect(table(['a', 'bb'], [['long', 'x']])).toBe('  a     bb\n  ----  --\n  long  x');
  });

  it('marks what was cut off', () => {
    const segment = { index: 0, speaker: 'agent' as const, text: 'Hello', startMs: 1_250, endMs: 2_000 };
    expect(segmentText({ ...segment, interrupted: true })).toBe('  1.3 s  agent   Hello [interrupted]');
  });
});
