/** One timer for all sessions; it runs while there are any. */

export type Ticking = { tick(nowMs: number): void };

export class Ticker {
  readonly #intervalMs: number;
  readonly #members = new Set<Ticking>();
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  add(member: Ticking): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#tick(), this.#intervalMs);
  }

  remove(member: Ticking): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = performance.now();
    for (const member of this.#members) member.tick(now);
  }
}
