/** The audit log: who did what to whom. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { decodeSeqCursor, encodeSeqCursor } from './cursor.ts';
import { nullable, problems, Timestamp } from './schemas/common.schema.ts';

export type AuditRecord = {
  id: number;
  at: Date;
  /** Null: the API token, or the program itself. */
  actorId: number | null;
  actorName: string;
  action: string;
  targetType: string | null;
  targetId: string | null;
  details: unknown;
  address: string | null;
};

export interface AuditLog {
  /** Newest first, of those before `beforeId`. */
  list(page: { beforeId: number | null; limit: number }): Promise<readonly AuditRecord[]>;
}

const AuditEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Timestamp,
    actorId: nullable(Type.Integer({ description: 'The user; null for the API token and the program itself.' })),
    actorName: Type.String(),
    action: Type.String({ examples: ['agent.created'] }),
    targetType: nullable(Type.String({ examples: ['user'] })),
    targetId: nullable(Type.String()),
    details: Type.Unknown(),
    address: nullable(Type.String({ description: 'Where the request came from.' })),
  },
  { title: 'AuditEntry' },
);

const AuditPage = Type.Object({ entries: Type.Array(AuditEntry), nextCursor: nullable(Type.String()) });

const AuditQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    cursor: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);

export const auditRoutes: FastifyPluginAsyncTypebox<{ audit: AuditLog }> = async (app, { audit }) => {
  app.get(
    '/audit',
    {
      config: { who: 'superadmin' },
      schema: {
        operationId: 'listAuditEntries',
        tags: ['operation'],
        summary: 'Administrative acts, newest first',
        description: 'Paged by `limit` and `cursor`.',
        querystring: AuditQuery,
        response: { 200: AuditPage, ...problems(401, 403, 422, 503) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const beforeId = cursor === undefined ? null : decodeSeqCursor(cursor);
      const found = await audit.list({ beforeId, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        entries: shown.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
        nextCursor: last ? encodeSeqCursor(last.id) : null,
      };
    },
  );
};
