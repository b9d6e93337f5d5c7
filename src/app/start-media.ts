/** Starts the media workers, before anything else of the application is even loaded: that takes its time in each thread. */
import type { Config } from '#config.ts';
import type { Log } from '#domain/log.ts';
import { createMediaPool, type MediaPool } from '#media/media-pool.ts';

/** How long a lease is good for. A process that stood still for longer asks which calls are still its own before it says another word. */
export const LEASE_MS = 6_000;

export const startMedia = ({ media, rtp, gemini }: Pick<Config, 'media' | 'rtp' | 'gemini'>, log: Log): MediaPool => {
  const pool = createMediaPool({
    workers: media.workers,
    rtpHost: rtp.host,
    rtpPorts: rtp.ports,
    modelChunkMs: gemini.chunkMs,
    leaseMs: LEASE_MS,
    log,
  });
  // Whoever waits for them hears of it, also when they have failed before.
  pool.start().catch(() => {});
  return pool;
};
