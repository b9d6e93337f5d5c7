/** RTP/RTCP port pairs (even, odd) from a range; a used pair rests before it is given out again (M11). */

export type PortAllocator = {
  /** The RTP port of a free pair (the RTCP port is the next), or null when none is free. */
  take(nowMs: number): number | null;
  /**
   * Takes this very pair, also one that rests or lies outside the range: for the leg that it belonged to before.
   * False when it is out.
   */
  claim(port: number): boolean;
  /** Gives a pair back; it rests for the quarantine time. A pair that is not out is ignored. */
  release(port: number, nowMs: number): void;
  inUse(): number;
  quarantined(nowMs: number): number;
};

export const PORT_QUARANTINE_MS = 30_000;

/** `min` and `max` are inclusive port numbers; pairs start at even ports. */
export const createPortAllocator = (range: { min: number; max: number; quarantineMs?: number }): PortAllocator => {
  const quarantineMs = range.quarantineMs ?? PORT_QUARANTINE_MS;
  let free: number[] = [];
  for (let port = range.min + (range.min % 2); port + 1 <= range.max; port += 2) free.push(port);
  const own = new Set(free);
  const out = new Set<number>();
  let resting: { port: number; untilMs: number }[] = [];

  const wake = (nowMs: number): void => {
    while (resting.length > 0 && resting[0]!.untilMs <= nowMs) free.push(resting.shift()!.port);
  };

  return {
    take: (nowMs) => {
      wake(nowMs);
      const port = free.shift();
      if (port === undefined) return null;
      out.add(port);
      return port;
    },
    claim: (port) => {
      if (out.has(port)) return false;
      free = free.filter((other) => other !== port);
      resting = resting.filter((rest) => rest.port !== port);
      out.add(port);
      return true;
    },
    release: (port, nowMs) => {
      if (out.delete(port) && own.has(port)) resting.push({ port, untilMs: nowMs + quarantineMs });
    },
    inUse: () => out.size,
    quarantined: (nowMs) => {
      wake(nowMs);
      return resting.length;
    },
  };
};
