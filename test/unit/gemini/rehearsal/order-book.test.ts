import { describe, expect, it } from 'vitest';
import { OrderBook, type Order } from '#gemini/rehearsal/order-book.ts';

const order = (value: string, changes: Partial<Order<string>> = {}): Order<string> => ({
  scope: 'next',
  key: null,
  match: null,
  count: 1,
  value,
  ...changes,
});

describe('the order book', () => {
  it('serves orders for the next session one at a time, and those for all every time', () => {
    const book = new OrderBook<string>();
    for (const each of [order('first'), order('second'), order('always', { scope: 'all' })]) book.add(each);
    const draw = () => book.draw({ key: 'k', instruction: null });

    expect([draw(), draw(), draw()]).toEqual([['first', 'always'], ['second', 'always'], ['always']]);
  });

  it('serves as many sessions as asked', () => {
    const book = new OrderBook<string>();
    book.add(order('twice', { count: 2 }));
    const draw = () => book.draw({ key: 'k', instruction: null });

    expect([draw(), draw(), draw()]).toEqual([['twice'], ['twice'], []]);
  });

  it('waits for the session with the right key or instruction', () => {
    const book = new OrderBook<string>();
    book.add(order('for-key', { key: 'a' }));
    book.add(order('for-text', { match: '+359' }));

    expect(book.draw({ key: 'b', instruction: null })).toEqual([]);
    expect(book.draw({ key: 'a', instruction: null })).toEqual(['for-key']);
    expect(book.draw({ key: 'b', instruction: 'Caller +44' })).toEqual([]);
    expect(book.draw({ key: 'b', instruction: 'Caller +359' })).toEqual(['for-text']);
    expect(book.orders).toEqual([]);
  });

  it('forgets everything when cleared', () => {
    const book = new OrderBook<string>();
    book.add(order('all', { scope: 'all' }));
    book.clear();

    expect(book.draw({ key: 'k', instruction: null })).toEqual([]);
  });
});
