/** The pool of media workers, whose workers break on order. */
import { createMediaPool as createRealPool, type MediaPool, type MediaPoolSettings } from '#media/media-pool.ts';

const BREAKABLE_WORKER = new URL('./breakable-media-worker.ts', import.meta.url);

export const createMediaPool = (settings: MediaPoolSettings): MediaPool =>
  createRealPool({ ...settings, workerUrl: BREAKABLE_WORKER });
