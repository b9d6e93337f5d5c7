import { describe, expect, it } from 'vitest';
import { createSeal } from '#app/seal.ts';

describe('a seal', () => {
  const { seal, open } = createSeal('a secret of the operator');

  it.each(['', 'handle', 'дръжка 👋'])('opens what it sealed: "%s"', (text) => {
    expect(open(seal(text))).toBe(text);
    expect(seal(text)).not.toContain(text || 'never');
  });

  it('never seals the same text alike', () => {
    expect(seal('handle')).not.toBe(seal('handle'));
  });

  it.each([
    ['of another key', createSeal('another secret').seal('handle')],
    ['that was changed', seal('handle').replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
    ['that is no seal', 'handle'],
    ['that is empty', ''],
  ])('does not open one %s', (_what, sealed) => {
    expect(open(sealed)).toBeNull();
  });
});
