/** What tests have ordered for sessions to come: for the next one that fits, or for all until withdrawn. */

export type Order<T> = {
  scope: 'next' | 'all';
  /** Only sessions with this API key. */
  key: string | null;
  /** Only sessions whose system instruction contains this text. */
  match: string | null;
  /** How many sessions `next` serves. */
  count: number;
  value: T;
};

export class OrderBook<T> {
  #orders: Order<T>[] = [];

  get orders(): readonly Order<T>[] {
    return this.#orders;
  }

  add(order: Order<T>): void {
    this.#orders.push({ ...order });
  }

  clear(): void {
    this.#orders = [];
  }

  /**
   * Takes what is due for a session, first come first served: every fitting order for all, and one fitting order for
   * the next. Without an instruction (before the set-up) only orders without `match` fit, with one only those with it.
   */
  draw({ key, instruction }: { key: string; instruction: string | null }): T[] {
    const fits = (order: Order<T>) =>
      (order.key === null || order.key === key) &&
      (instruction === null ? order.match === null : order.match !== null && instruction.includes(order.match));
    const next = this.#orders.find((order) => order.scope === 'next' && fits(order));
    const drawn = this.#orders.filter((order) => order === next || (order.scope === 'all' && fits(order)));
    if (next && --next.count <= 0) this.#orders = this.#orders.filter((order) => order !== next);
    return drawn.map((order) => order.value);
  }
}
