/** `payment_requests`, `slot_adjustments`, `system_settings`: what admins may use, and who decided so. */
import { defineEntity, p } from '@mikro-orm/core';
import { PAYMENT_STATUSES, type PaymentStatus } from '#domain/crm.ts';
import { createdAtColumn, idColumn, oneOf } from './columns.ts';
import { User } from './user.entity.ts';

export const PaymentRequest = defineEntity({
  name: 'PaymentRequest',
  tableName: 'payment_requests',
  indexes: [
    { name: 'payment_requests_admin_index', properties: ['adminId', 'id'] },
    { name: 'payment_requests_status_index', properties: ['status', 'id'] },
  ],
  uniques: [{ name: 'payment_requests_pending_unique', properties: ['adminId'], where: `status = 'pending'` }],
  properties: {
    id: idColumn(),
    adminId: () => p.manyToOne(User).mapToPk().joinColumn('admin_id').deleteRule('cascade'),
    numAgents: p.integer().check('num_agents >= 1'),
    /** US dollars. */
    totalAmount: p.integer(),
    status: p.text().$type<PaymentStatus>().default('pending').check(oneOf('status', PAYMENT_STATUSES)),
    paymentNotes: p.text().nullable(),
    adminNotes: p.text().nullable(),
    createdAt: createdAtColumn(),
    updatedAt: createdAtColumn(),
    approvedAt: p.datetime(3).nullable(),
    approvedById: () => p.manyToOne(User).mapToPk().joinColumn('approved_by_id').nullable().deleteRule('set null'),
  },
});

export const SlotAdjustment = defineEntity({
  name: 'SlotAdjustment',
  tableName: 'slot_adjustments',
  indexes: [{ name: 'slot_adjustments_admin_index', properties: ['adminId', 'id'] }],
  properties: {
    id: idColumn(),
    adminId: () => p.manyToOne(User).mapToPk().joinColumn('admin_id').deleteRule('cascade'),
    adjustedById: () => p.manyToOne(User).mapToPk().joinColumn('adjusted_by_id').deleteRule('no action'),
    slotsChange: p.integer(),
    reason: p.text(),
    previousMaxAgents: p.integer(),
    newMaxAgents: p.integer(),
    createdAt: createdAtColumn(),
  },
});

export const SystemSetting = defineEntity({
  name: 'SystemSetting',
  tableName: 'system_settings',
  properties: {
    id: idColumn(),
    key: p.text().unique('system_settings_key_unique'),
    value: p.text().nullable(),
    updatedAt: createdAtColumn(),
    updatedById: () => p.manyToOne(User).mapToPk().joinColumn('updated_by_id').nullable().deleteRule('set null'),
  },
});
