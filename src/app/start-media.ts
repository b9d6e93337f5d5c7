/** Starts the media workers, before anything else of the application is even loaded: that takes its time in each thread. */
import type { Config } from '#config.ts';
import type { Log } from '#domain/log.ts';
import { createMediaPool, type MediaPool } from '#media/media-pool.ts';

/**
 * A process that stood still for longer has to ask which calls are still its own before it says another word: its lease
 * may have been two seconds old already, and the renewal under way another.
 */
export const STANDSTILL_MS = 3_000;

export const startMedia = ({ media, rtp, gemini }: Pick<Config, 'media' | 'rtp' | 'gemini'>, log: Log): MediaPool => {
  const pool = createMediaPool({
    workers: media.workers,
    rtpHost: rtp.host,
    rtpPorts: rtp.ports,
    modelChunkMs: gemini.chunkMs,
    leaseMs: STANDSTILL_MS,
    log,
  });
  // Whoever waits for them hears of it, also when they have failed before.
  pool.start().catch(() => {});
  return pool;
};
