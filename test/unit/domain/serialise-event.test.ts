import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, serialiseEvent } from '#domain/serialise-event.ts';

class Failure extends Error {
  readonly code = 'ECONNRESET';
}

const cyclic = () => {
  const event: Record<string, unknown> = { type: 'x', list: [] };
  event['self'] = event;
  (event['list'] as unknown[]).push(event);
  return event;
};

describe('serialiseEvent', () => {
  it.each([
    ['plain values stay as they are', { a: [1, 'б', true, null] }, { a: [1, 'б', true, null] }],
    [
      'an error becomes its name, message and code',
      new Failure('lost'),
      { name: 'Error', message: 'lost', code: 'ECONNRESET' },
    ],
    ['an error without a code has none', new TypeError('bad'), { name: 'TypeError', message: 'bad' }],
    ['functions, symbols and undefined are dropped', { f: () => 1, s: Symbol('s'), u: undefined, k: 1 }, { k: 1 }],
    ['in lists they leave null behind', [() => 1, undefined, 2], [null, null, 2]],
    ['dates become ISO text', new Date('2026-03-04T05:06:07.089Z'), '2026-03-04T05:06:07.089Z'],
    ['impossible dates become null', new Date(Number.NaN), null],
    ['numbers that JSON lacks become text', [Number.NaN, Infinity, 12n], ['NaN', 'Infinity', '12']],
    ['maps and sets become lists', { m: new Map([['a', 1]]), s: new Set([1]) }, { m: [['a', 1]], s: [1] }],
    [
      'bytes become their length',
      { audio: new Uint8Array(320), buffer: new ArrayBuffer(2) },
      { audio: '[320 bytes]', buffer: '[2 bytes]' },
    ],
    [
      'NUL and lone surrogates become U+FFFD, in names too',
      { 'a\0': 'x\0\uD800y😀' },
      { 'a\uFFFD': 'x\uFFFD\uFFFDy😀' },
    ],
  ])('%s', (_name, value, expected) => {
    expect(serialiseEvent(value)).toEqual(expected);
  });

  it('marks cycles, and keeps what is only repeated', () => {
    const shared = { a: 1 };
    expect(serialiseEvent(cyclic())).toEqual({ type: 'x', list: ['[cycle]'], self: '[cycle]' });
    expect(serialiseEvent([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('keeps to its size, whatever makes it long', () => {
    const limits = { maxLength: 100, maxDepth: 4 };
    expect(serialiseEvent('x'.repeat(500), limits)).toBe(`${'x'.repeat(100)}…[cut]`);
    expect(JSON.stringify(serialiseEvent(Array(10_000).fill('word'), limits)).length).toBeLessThan(400);
    expect(JSON.stringify(serialiseEvent(Object.fromEntries(Array(10_000).entries()), limits)).length).toBeLessThan(
      400,
    );
    expect(serialiseEvent([[[[['deep']]]]], limits)).toEqual([[[['[too deep]']]]]);
  });

  it('survives getters that throw and names that are special', () => {
    const event = {
      get bad() {
        throw new Error('no');
      },
      good: 1,
    };
    expect(serialiseEvent(event)).toEqual({ good: 1 });
    const special = JSON.parse('{"__proto__": {"polluted": true}}') as object;
    expect(JSON.stringify(serialiseEvent(special))).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('never throws, and gives text that is well-formed and without NUL', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true }), (value) => {
        const json = JSON.stringify(serialiseEvent(value));
        expect(json).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
      }),
    );
  });
});

describe('cleanText', () => {
  it('leaves every script alone', () => {
    const text = 'Добър ден, مرحبا, γειά, 你好 😀';
    expect(cleanText(text)).toBe(text);
  });
});
