import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignPieces } from '#gemini/rehearsal/transcript-pieces.ts';

describe('pieces of a transcript', () => {
  it('give the text again and follow each other within the speech', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 30 }), fc.integer({ min: 100, max: 20_000 }), (text, durationMs) => {
        const pieces = alignPieces(text, durationMs);
        const times = pieces.map((piece) => piece.atMs);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.every((at) => at >= 0 && at < durationMs)).toBe(true);
      }),
    );
  });

  it('begin with the speech and pause at the end of a sentence', () => {
    const pieces = alignPieces('One. Two', 1600);

    expect(pieces).toEqual([{ atMs: 0, text: 'One. Two' }]);
    expect(alignPieces('Interesting. Extraordinary.', 4000)).toEqual([
      { atMs: 0, text: 'Interesting.' },
      { atMs: 1900, text: ' Extraordinary.' },
    ]);
  });

  it('of nothing are none', () => {
    expect(alignPieces('', 1000)).toEqual([]);
  });
});
