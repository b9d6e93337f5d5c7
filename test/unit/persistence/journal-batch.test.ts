import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { type CallPart, cutPart, outcomeOf, toSafeJson, withoutEvent } from '#persistence/journal-batch.ts';

const part = (overrides: Partial<CallPart> = {}): CallPart => ({
  callId: 'c1' as CallId,
  isNew: false,
  epoch: 3,
  seq: 7,
  nodeId: 'n',
  machineVersion: 1,
  state: 'talking',
  context: '{}',
  row: null,
  entries: [],
  incarnations: {},
  ...overrides,
});
const entries = (...seqs: number[]) => seqs.map((seq) => ({ seq, json: `{"seq":${seq},"event":{"type":"x"}}` }));

describe('outcomeOf', () => {
  const found = (owned: boolean, storedEpoch: number | null, storedSeq: number | null) => ({
    callId: 'c1',
    owned,
    storedEpoch,
    storedSeq,
  });

  it.each([
    ['written by this statement', false, found(true, 3, 6), 'written'],
    ['created by this statement', true, found(true, null, null), 'written'],
    ['written by an earlier sending', false, found(false, 3, 7), 'written'],
    ['written by an earlier sending, and more since', false, found(false, 3, 9), 'written'],
    ['created by an earlier sending', true, found(false, 3, 7), 'written'],
    ['owned by a newer epoch', false, found(false, 4, 6), 'fenced'],
    ['owned by a newer epoch, although it was to be created', true, found(false, 4, 7), 'fenced'],
    ['there, and older: a recovered call', true, found(false, 3, 6), 'exists'],
    ['gone', false, found(false, null, null), 'missing'],
    ['not in the answer', false, undefined, 'missing'],
    ['being created by another statement', true, found(false, null, null), 'again'],
    ['being written by another statement', false, found(false, 3, 6), 'again'],
  ] as const)('%s', (_name, isNew, result, expected) => {
    expect(outcomeOf(part({ isNew }), result)).toBe(expected);
  });
});

describe('cutPart', () => {
  it('cuts by entries; only the first piece creates the row, and each is fenced by its own last number', () => {
    const pieces = cutPart(part({ isNew: true, seq: 5, entries: entries(1, 2, 3, 4, 5) }), 2);
    expect(pieces.map(({ isNew, seq, entries: own }) => ({ isNew, seq, own: own.map((entry) => entry.seq) }))).toEqual([
      { isNew: true, seq: 2, own: [1, 2] },
      { isNew: false, seq: 4, own: [3, 4] },
      { isNew: false, seq: 5, own: [5] },
    ]);
  });

  it('leaves a small part whole', () => {
    const whole = part({ entries: entries(6, 7) });
    expect(cutPart(whole, 2)).toEqual([whole]);
  });
});

describe('withoutEvent', () => {
  it('replaces the event by the reason and keeps the rest', () => {
    const [entry] = withoutEvent(part({ entries: entries(7) }), '22P05').entries;
    expect(entry).toEqual({ seq: 7, json: '{"seq":7,"event":{"quarantined":"22P05"}}' });
  });
});

describe('toSafeJson', () => {
  it.each([
    ['\0', '\uFFFD'],
    ['a\0\0b', 'a\uFFFD\uFFFDb'],
    ['\uD800', '\uFFFD'],
    ['\uDFFF\uD83D', '\uFFFD\uFFFD'],
    ['😀', '😀'],
    ['\\u0000', '\\u0000'],
    ['\\\0', '\\\uFFFD'],
    ['\\\\\\ud800', '\\\\\\ud800'],
    ['\u0001\n"', '\u0001\n"'],
  ])('makes %j readable as %j', (text, expected) => {
    expect(JSON.parse(toSafeJson({ text, [text]: 1 }))).toEqual({ text: expected, [expected]: 1 });
  });

  it('changes nothing but what Postgres refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(toSafeJson(text))).toBe(text.toWellFormed().replaceAll('\0', '\uFFFD'));
      }),
    );
  });

  it('writes null for what JSON lacks', () => {
    expect(toSafeJson(undefined)).toBe('null');
  });
});
