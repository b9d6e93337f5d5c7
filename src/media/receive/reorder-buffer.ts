/**
 * Puts packets in sequence on their way to the model without delaying them: what is in order passes at once, a gap is
 * waited for at most `waitMs`, then given up. Payloads are decoded already; `null` marks a packet without audio.
 */
import { sequenceDistance } from '#media/rtp/rtp-packet.ts';

export type ReorderEvents = {
  deliver(pcm: Int16Array | null, count: number): void;
  /** This many packets in a row will not come; the one after them arrived at `arrivedMs`. */
  lost(packets: number, arrivedMs: number): void;
};

export type ReorderBuffer = {
  /** False: too late or a duplicate; nothing was delivered. */
  push(sequence: number, pcm: Int16Array | null, count: number, nowMs: number): boolean;
  /** Gives up gaps that have waited long enough. */
  expire(nowMs: number): void;
  /** Delivers what waits, and takes the next packet whatever its sequence. */
  restart(): void;
};

type Waiting = { sequence: number; pcm: Int16Array | null; arrivedMs: number };

/** Packets behind the present one that are late; more, and the sender has started over. */
const MAX_MISORDER = 100;
/** Late packets in a row, each following the other, that show a sender that has started over. */
const RESTART_AFTER = 4;
const CAPACITY = 64;

export const createReorderBuffer = (waitMs: number, events: ReorderEvents): ReorderBuffer => {
  let next: number | null = null;
  let waiting: Waiting[] = [];
  let lateRun = { sequence: 0, count: 0 };

  const release = (packet: Waiting): void => {
    if (next !== null) {
      const missing = sequenceDistance(next, packet.sequence);
      if (missing > 0) events.lost(missing, packet.arrivedMs);
    }
    next = (packet.sequence + 1) & 0xffff;
    events.deliver(packet.pcm, packet.pcm?.length ?? 0);
  };

  const releaseInOrder = (): void => {
    while (waiting.length > 0 && waiting[0]!.sequence === next) release(waiting.shift()!);
  };

  const isRestart = (sequence: number, distance: number): boolean => {
    if (distance < -MAX_MISORDER) return true;
    const follows = lateRun.count > 0 && sequence === ((lateRun.sequence + 1) & 0xffff);
    lateRun = { sequence, count: follows ? lateRun.count + 1 : 1 };
    return lateRun.count >= RESTART_AFTER;
  };

  const keep = (sequence: number, pcm: Int16Array | null, count: number, nowMs: number): boolean => {
    let at = waiting.length;
    while (at > 0 && sequenceDistance(waiting[at - 1]!.sequence, sequence) < 0) at -= 1;
    if (at > 0 && waiting[at - 1]!.sequence === sequence) return false;
    waiting.splice(at, 0, { sequence, pcm: pcm === null ? null : pcm.slice(0, count), arrivedMs: nowMs });
    if (waiting.length > CAPACITY) {
      release(waiting.shift()!);
      releaseInOrder();
    }
    return true;
  };

  const restart = (): void => {
    for (const packet of waiting) events.deliver(packet.pcm, packet.pcm?.length ?? 0);
    waiting = [];
    next = null;
    lateRun = { sequence: 0, count: 0 };
  };

  return {
    push: (sequence, pcm, count, nowMs) => {
      const distance = next === null ? 0 : sequenceDistance(next, sequence);
      if (distance < 0 && !isRestart(sequence, distance)) return false;
      if (distance < 0) restart();
      if (distance > 0) return keep(sequence, pcm, count, nowMs);
      lateRun.count = 0;
      next = (sequence + 1) & 0xffff;
      events.deliver(pcm, count);
      if (waiting.length > 0) releaseInOrder();
      return true;
    },
    expire: (nowMs) => {
      while (waiting.length > 0 && nowMs - Math.min(...waiting.map((packet) => packet.arrivedMs)) >= waitMs) {
        release(waiting.shift()!);
        releaseInOrder();
      }
    },
    restart,
  };
};
