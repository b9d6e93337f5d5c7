/** `users`: who may log in. */
import { defineEntity, p } from '@mikro-orm/core';
import { USER_ROLES, type UserRole } from '#domain/user.ts';
import { createdAtColumn, idColumn, oneOf } from './columns.ts';

export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  indexes: [
    { name: 'users_role_index', properties: ['role', 'id'] },
    { name: 'users_created_by_index', properties: ['createdById', 'id'] },
  ],
  uniques: [
    { name: 'users_email_unique', expression: 'create unique index users_email_unique on users (lower(email))' },
  ],
  properties: {
    id: idColumn(),
    username: p.text().unique('users_username_unique'),
    email: p.text(),
    hashedPassword: p.text().hidden(),
    role: p.text().$type<UserRole>().check(oneOf('role', USER_ROLES)),
    /** Of an agent: its admin. */
    createdById: () => p.manyToOne(User).mapToPk().joinColumn('created_by_id').nullable().deleteRule('no action'),
    organization: p.text().nullable(),
    maxAgents: p.integer().default(0).check('max_agents >= 0'),
    subscriptionEndDate: p.datetime(3).nullable(),
    firstName: p.text().nullable(),
    lastName: p.text().nullable(),
    isActive: p.boolean().default(true),
    gateSlot: p.integer().nullable().unique('users_gate_slot_unique'),
    /** Sealed. */
    providerKey: p.text().nullable().hidden(),
    createdAt: createdAtColumn(),
    updatedAt: createdAtColumn(),
    lastLogin: p.datetime(3).nullable(),
  },
});
