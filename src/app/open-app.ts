/** Loads and opens the application, in the order in which its callers need it: they may be waiting in silence. */
import { once } from 'node:events';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '#config.ts';
import type { App } from './build-app.ts';
import { startMedia } from './start-media.ts';

/**
 * `isSpare`: loads everything, and then waits for a message of the launcher, which comes when the application that
 * runs now has died. Rejects with a one-sentence error.
 */
export const openApp = async (config: Config, log: FastifyBaseLogger, isSpare: boolean): Promise<App> => {
  // The threads load what they need while this one does.
  const media = startMedia(config, log);
  const { buildApp } = await import('./build-app.ts');
  if (isSpare) {
    await import('#http/app.ts');
    await once(process, 'message');
  }
  return buildApp(config, log, media);
};
