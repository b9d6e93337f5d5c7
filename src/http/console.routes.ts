/** The console: the files of its build, and its one page for every address below it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';

export type ConsoleRoutesOptions = {
  /** Looked at in this order at each request: the build may come later. */
  directories: readonly string[];
};

const SCRIPTS_AND_DATA_OF_OURS = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const YEAR_SECONDS = 31_536_000;

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Trunkline</title>
<p>The console is not built yet: <code>npm run console:build</code>. The launcher (<code>npm start</code>) does it by itself; it takes some seconds.</p>
`;

export const consoleRoutes: FastifyPluginAsync<ConsoleRoutesOptions> = async (app, { directories }) => {
  await app.register(fastifyStatic, {
    root: [...directories],
    serve: false,
    cacheControl: false,
  });

  const sendPage = (reply: FastifyReply) => {
    reply.header('content-security-policy', SCRIPTS_AND_DATA_OF_OURS).header('referrer-policy', 'no-referrer');
    const built = directories.find((directory) => existsSync(join(directory, 'index.html')));
    if (built !== undefined) return reply.sendFile('index.html', built);
    return reply.code(503).header('retry-after', '3').type('text/html; charset=utf-8').send(NOT_BUILT);
  };

  const page = { config: { who: 'public' }, schema: { hide: true } } as const;
  app.get('/console', page, (_request, reply) => reply.redirect('/console/', 302));
  app.get('/console/*', page, (_request, reply) => sendPage(reply));
  app.get<{ Params: { '*': string } }>('/console/assets/*', page, (request, reply) => {
    const built = directories.find((directory) => existsSync(join(directory, 'index.html')));
    // Their names carry a hash of what is in them.
    reply.header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`);
    return reply.sendFile(join('assets', request.params['*']), built ?? directories[0]);
  });
};
