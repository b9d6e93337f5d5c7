/** Billing as the CRM shows it. Pure. */
import type { Static } from 'typebox';
import {
  type AdjustmentRecord,
  daysRemaining,
  isSubscribedAt,
  type PaymentRecord,
  PRICE_PER_AGENT,
} from '#domain/account.ts';
import type {
  BillingInfo,
  PaymentRequestForAdmin,
  PaymentRequestView,
  SlotAdjustmentView,
} from '#http/schemas/crm/billing.schema.ts';
import type { AdminRecord } from './user.ports.ts';

export const showPayment = (payment: PaymentRecord): Static<typeof PaymentRequestView> => ({
  id: payment.id,
  admin_id: payment.adminId,
  admin_username: payment.admin.username,
  admin_organization: payment.admin.organization,
  num_agents: payment.numAgents,
  total_amount: payment.totalAmount,
  status: payment.status,
  payment_notes: payment.paymentNotes,
  admin_notes: payment.adminNotes,
  created_at: payment.createdAt.toISOString(),
  updated_at: payment.updatedAt.toISOString(),
  approved_at: payment.approvedAt?.toISOString() ?? null,
});

export const showPaymentForAdmin = (payment: PaymentRecord): Static<typeof PaymentRequestForAdmin> => ({
  ...showPayment(payment),
  admin_email: payment.admin.email,
  current_agents: payment.admin.agentCount,
  max_agents: payment.admin.maxAgents,
});

export const showAdjustment = (row: AdjustmentRecord): Static<typeof SlotAdjustmentView> => ({
  id: row.id,
  admin_id: row.adminId,
  adjusted_by_id: row.adjustedById,
  adjusted_by_username: row.adjustedByUsername,
  slots_change: row.slotsChange,
  reason: row.reason,
  previous_max_agents: row.previousMaxAgents,
  new_max_agents: row.newMaxAgents,
  created_at: row.createdAt.toISOString(),
});

export const showBilling = (admin: AdminRecord, wallet: string | null, now: number): Static<typeof BillingInfo> => ({
  current_agents: admin.agentCount,
  max_agents: admin.maxAgents,
  available_slots: Math.max(0, admin.maxAgents - admin.agentCount),
  price_per_agent: PRICE_PER_AGENT,
  payment_wallet: wallet,
  is_subscription_active: isSubscribedAt(admin.subscriptionEndDate, now),
  subscription_end_date: admin.subscriptionEndDate?.toISOString() ?? null,
  days_remaining: daysRemaining(admin.subscriptionEndDate, now),
});
