/** `audit_entries`: administrative acts. Append-only. */
import { defineEntity, p } from '@mikro-orm/core';
import { createdAtColumn, idColumn } from './columns.ts';

export const AuditEntry = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entries',
  indexes: [
    { name: 'audit_entries_at_index', properties: ['at', 'id'] },
    { name: 'audit_entries_actor_index', properties: ['actorId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    at: createdAtColumn(),
    /** Null: the API token, or the program itself. No foreign key: what was done outlives who did it. */
    actorId: p.integer().nullable(),
    actorName: p.text(),
    action: p.text(),
    targetType: p.text().nullable(),
    targetId: p.text().nullable(),
    details: p.json().nullable(),
    address: p.text().nullable(),
  },
});
