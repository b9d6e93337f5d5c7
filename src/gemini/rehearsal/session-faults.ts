/** Carries out the faults of one session at their time. */
import type { Fault, Moment } from './faults.ts';

/** What a fault can do to a session. */
export type FaultTarget = {
  sendRaw(what: 'brokenJson' | 'goAway', value: number): void;
  sendBurst(ms: number): void;
  end(code: number, reason: string): void;
  stopSending(): void;
  stopReading(): void;
  resumeReading(): void;
};

type Due = { at: number; run(): void };

export class SessionFaults {
  readonly #faults: Fault[] = [];
  readonly #target: FaultTarget;
  #due: Due[] = [];
  #liveSince: number | null = null;

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  add(fault: Fault, nowMs: number): void {
    this.#faults.push(fault);
    if (this.#liveSince !== null) this.#schedule(fault, nowMs);
  }

  has(kind: Fault['kind']): boolean {
    return this.#faults.some((fault) => fault.kind === kind);
  }

  get setupDelayMs(): number {
    return this.#faults.reduce((sum, fault) => sum + (fault.kind === 'delaySetup' ? fault.ms : 0), 0);
  }

  /** What is to happen instead of `setupComplete`. True: something did. */
  spoilSetup(): boolean {
    if (this.has('hangSetup')) return true;
    const fault = this.#faults.find((candidate) => momentOf(candidate) === 'setup');
    if (fault?.kind === 'close') this.#target.end(fault.code, fault.reason);
    else if (fault?.kind === 'brokenJson') this.#target.sendRaw('brokenJson', 0);
    return fault !== undefined;
  }

  /** The session is live: the clocks of its faults start. */
  start(nowMs: number): void {
    this.#liveSince = nowMs;
    for (const fault of this.#faults) if (momentOf(fault) === 'live') this.#schedule(fault, nowMs);
    this.tick(nowMs);
  }

  tick(nowMs: number): void {
    if (this.#due.length === 0) return;
    const due = this.#due.filter((entry) => entry.at <= nowMs);
    if (due.length === 0) return;
    this.#due = this.#due.filter((entry) => entry.at > nowMs);
    for (const entry of due) entry.run();
  }

  #schedule(fault: Fault, nowMs: number): void {
    if (!('afterMs' in fault)) return;
    const at = nowMs + fault.afterMs;
    this.#due.push({ at, run: () => this.#carryOut(fault) });
    if (fault.kind === 'deaf') this.#due.push({ at: at + fault.forMs, run: () => this.#target.resumeReading() });
    if (fault.kind !== 'goAway') return;
    const end = () => this.#target.end(1011, 'Deadline expired before operation could complete.');
    this.#due.push({ at: at + fault.timeLeftMs, run: end });
  }

  #carryOut(fault: Fault): void {
    switch (fault.kind) {
      case 'close':
        return this.#target.end(fault.code, fault.reason);
      case 'brokenJson':
        return this.#target.sendRaw('brokenJson', 0);
      case 'goAway':
        return this.#target.sendRaw('goAway', fault.timeLeftMs);
      case 'burst':
        return this.#target.sendBurst(fault.ms);
      case 'stall':
        return this.#target.stopSending();
      case 'deaf':
        return this.#target.stopReading();
      default:
        return undefined;
    }
  }
}

const momentOf = (fault: Fault): Moment | null => ('at' in fault ? fault.at : 'afterMs' in fault ? 'live' : null);
