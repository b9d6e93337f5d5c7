/** What a media worker thread is told when it starts. */
export type WorkerSettings = {
  /** One `Int32Array` element that the worker counts up at least every 100 ms. */
  tick: SharedArrayBuffer;
  rtpHost: string;
  /** This worker's own slice of the range. */
  rtpPorts: { min: number; max: number };
  modelChunkMs: number;
  /** See `MediaWorkerDeps`. */
  leaseMs: number | null;
  workerIndex: number;
};

/** Cuts a port range into disjoint slices that begin at even ports. */
export const slicePorts = (range: { min: number; max: number }, parts: number): { min: number; max: number }[] => {
  const first = range.min + (range.min % 2);
  const pairs = Math.max(0, Math.floor((range.max - first + 1) / 2));
  return Array.from({ length: parts }, (_, part) => ({
    min: first + Math.floor((pairs * part) / parts) * 2,
    max: first + Math.floor((pairs * (part + 1)) / parts) * 2 - 1,
  }));
};
