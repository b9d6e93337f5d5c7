/** The sessions of a rehearsal server, live and lately closed, and what has been ordered for those to come. */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Directives } from './directives.ts';
import type { Fault } from './faults.ts';
import { OrderBook } from './order-book.ts';
import { ResumptionHandles } from './resumption-handles.ts';
import { newSessionRecord } from './session-record.ts';
import { RehearsalSession, type SessionSurroundings } from './session.ts';
import { Ticker } from './ticker.ts';
import type { Voices } from './voices.ts';

const TICK_MS = 10;
const CLOSED_KEPT = 500;
const RECORD_SECONDS = 180;

export type Log = (entry: Record<string, unknown>) => void;

export class SessionRegistry {
  readonly faults = new OrderBook<Fault[]>();
  readonly directives = new OrderBook<Partial<Directives>>();
  readonly #live = new Map<string, RehearsalSession>();
  readonly #closed: RehearsalSession[] = [];
  readonly #ticker = new Ticker(TICK_MS);
  readonly #surroundings: Omit<SessionSurroundings, 'draw'>;
  readonly #log: Log;
  #autoTones = 0;

  constructor(voices: Voices, log: Log) {
    this.#log = log;
    this.#surroundings = {
      voices,
      handles: new ResumptionHandles((sessionId) => this.#live.has(sessionId)),
      // Far enough apart, and no small multiples of each other.
      nextAutoTone: () => 310 + 97 * (this.#autoTones++ % 30),
      recordSeconds: RECORD_SECONDS,
      reportFault: (error) => log({ event: 'fault', message: error instanceof Error ? error.stack : String(error) }),
    };
  }

  /** Live ones first, then closed ones, latest first. */
  get sessions(): readonly RehearsalSession[] {
    return [...this.#live.values(), ...this.#closed.toReversed()];
  }

  find(id: string): RehearsalSession | null {
    return this.#live.get(id) ?? this.#closed.find((session) => session.record.id === id) ?? null;
  }

  /** What is due at the upgrade, before anything is known of the session but its key. */
  drawAtUpgrade(key: string): { faults: Fault[]; directives: Partial<Directives>[] } {
    return this.#draw(key, null);
  }

  /** Takes over a socket that has been upgraded. */
  adopt(
    socket: WebSocket,
    from: { key: string; path: string; drawn: ReturnType<SessionRegistry['drawAtUpgrade']> },
  ): void {
    const record = newSessionRecord(randomUUID(), from.path);
    const session = new RehearsalSession({
      socket,
      record,
      ...from.drawn,
      surroundings: { ...this.#surroundings, draw: (instruction) => this.#draw(from.key, instruction) },
    });
    this.#live.set(record.id, session);
    this.#ticker.add(session);
    this.#log({ event: 'opened', session: record.id });
    socket.addEventListener('close', (event) => {
      record.state = 'closed';
      record.closedAt = Date.now();
      record.closeCode = event.code;
      record.closedByHandshake = event.wasClean;
      this.#live.delete(record.id);
      this.#ticker.remove(session);
      this.#closed.push(session);
      if (this.#closed.length > CLOSED_KEPT) this.#closed.shift();
      this.#log({ event: 'closed', session: record.id, code: event.code, byHandshake: event.wasClean });
    });
    const refusal = refusalOf(from.key);
    if (refusal) session.end(refusal.code, refusal.reason);
  }

  /** Forgets orders and closed sessions. */
  reset(): void {
    this.faults.clear();
    this.directives.clear();
    this.#closed.length = 0;
  }

  #draw(key: string, instruction: string | null): { faults: Fault[]; directives: Partial<Directives>[] } {
    return {
      faults: this.faults.draw({ key, instruction }).flat(),
      directives: this.directives.draw({ key, instruction }),
    };
  }
}

/** The real server upgrades first and then closes. */
const refusalOf = (key: string): { code: number; reason: string } | null => {
  if (key === '') {
    return { code: 1008, reason: "Method doesn't allow unregistered callers (callers without established identity)." };
  }
  return key === 'invalid-key' ? { code: 1007, reason: 'API key not valid. Please pass a valid API key.' } : null;
};
