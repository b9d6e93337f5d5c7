/** Which pages may use the API from a browser (CORS); their origins are listed, never `*`. */
import cors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Errors carry the headers as well: without them a page cannot even read the status. */
export const allowOrigins = (app: FastifyInstance, origins: readonly string[]) =>
  app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Range', 'If-Range', 'Last-Event-ID'],
    exposedHeaders: ['Accept-Ranges', 'Content-Disposition', 'Content-Length', 'Content-Range', 'ETag', 'Retry-After'],
    maxAge: 600,
    strictPreflight: false,
  });

/** For answers to addresses that cannot be parsed, which no hook sees. */
export const allowOrigin = (origins: readonly string[], { headers }: FastifyRequest, reply: FastifyReply) => {
  reply.headers({ vary: 'Origin', 'cache-control': 'no-store' });
  if (headers.origin && origins.includes(headers.origin)) {
    reply.header('access-control-allow-origin', headers.origin);
  }
};
