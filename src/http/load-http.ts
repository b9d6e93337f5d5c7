/** Loads the HTTP side in pieces: as a whole it would hold up the calls of a process that has just come back. */
import type { buildHttp } from './app.ts';

type Between = () => Promise<void>;

/** What takes longest, in the order in which one needs the other. */
const PIECES: readonly (() => Promise<unknown>)[] = [
  () => import('typebox/system'),
  () => import('typebox/type'),
  () => import('typebox/schema'),
  () => import('typebox/compile'),
  () => import('fastify'),
  () => import('@fastify/fast-json-stringify-compiler'),
  () => import('./validation.ts'),
  () => import('./crm/lead-import.routes.ts'),
  () => import('./crm/follow-up.routes.ts'),
  () => import('./crm/crm.routes.ts'),
  () => import('./console.routes.ts'),
];

/** `between` is awaited before each piece. */
export const loadHttp = async (between: Between): Promise<typeof buildHttp> => {
  for (const load of PIECES) {
    await between();
    await load();
  }
  await between();
  return (await import('./app.ts')).buildHttp;
};
