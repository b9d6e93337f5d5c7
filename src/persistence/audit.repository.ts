/** The audit log: who did what to whom. Written in the transaction of the act. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor, AuditAction } from '#domain/account.ts';
import { AuditEntry } from './entities/audit-entry.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type AuditTarget = { type: 'user' | 'payment_request' | 'setting' | 'call_session'; id: number | string };

export type AuditRecord = {
  id: number;
  at: Date;
  actorId: number | null;
  actorName: string;
  action: string;
  targetType: string | null;
  targetId: string | null;
  details: unknown;
  address: string | null;
};

export type Act = { by: Actor; action: AuditAction; target: AuditTarget; details?: Record<string, unknown> };

/** Adds an entry within the transaction of `em`. */
export const noteAct = async (em: EntityManager, { by, action, target, details }: Act): Promise<void> => {
  await em.insert(AuditEntry, {
    actorId: by.id,
    actorName: by.name,
    address: by.address,
    action,
    targetType: target.type,
    targetId: String(target.id),
    details: details ?? null,
  });
};

export type AuditRepository = {
  /** Newest first, of those before `beforeId`. */
  list(page: { beforeId: number | null; limit: number }): Promise<readonly AuditRecord[]>;
};

export const createAuditRepository = (database: DatabaseAccess): AuditRepository => ({
  list: ({ beforeId, limit }) =>
    guarded(database, async (em) => {
      const rows = await em.find(AuditEntry, beforeId === null ? {} : { id: { $lt: beforeId } }, {
        orderBy: { id: 'desc' },
        limit,
        disableIdentityMap: true,
      });
      return rows.map((row) => ({
        id: row.id,
        at: row.at,
        actorId: row.actorId ?? null,
        actorName: row.actorName,
        action: row.action,
        targetType: row.targetType ?? null,
        targetId: row.targetId ?? null,
        details: row.details ?? null,
        address: row.address ?? null,
      }));
    }),
});
