/** Shapes of billing: requests for agent slots, adjustments, and the address to pay to. */
import { Type } from 'typebox';
import { PAYMENT_STATUSES } from '#domain/crm.ts';
import { nullable, Timestamp } from '#http/schemas/common.schema.ts';
import { RowId } from './crm-common.schema.ts';

const Count = Type.Integer({ minimum: 0 });
const Notes = Type.String({ maxLength: 5_000 });

export const BillingInfo = Type.Object(
  {
    current_agents: Count,
    max_agents: Count,
    available_slots: Count,
    price_per_agent: Type.Number({ description: 'US dollars for a slot and month.' }),
    payment_wallet: nullable(Type.String()),
    is_subscription_active: Type.Boolean(),
    subscription_end_date: nullable(Timestamp),
    days_remaining: nullable(Type.Integer({ description: 'Whole days; null when the subscription is not active.' })),
  },
  { title: 'BillingInfo' },
);

const request = {
  id: RowId,
  admin_id: RowId,
  admin_username: Type.String(),
  admin_organization: nullable(Type.String()),
  num_agents: Type.Integer({ minimum: 1 }),
  total_amount: Type.Number(),
  status: Type.Enum([...PAYMENT_STATUSES]),
  payment_notes: nullable(Type.String()),
  admin_notes: nullable(Type.String()),
  created_at: Timestamp,
  updated_at: Timestamp,
  approved_at: nullable(Timestamp),
};

export const PaymentRequestView = Type.Object(request, { title: 'PaymentRequest' });

export const PaymentRequestForAdmin = Type.Object(
  { ...request, admin_email: Type.String(), current_agents: Count, max_agents: Count },
  { title: 'PaymentRequestForAdmin' },
);

export const SlotAdjustmentView = Type.Object(
  {
    id: RowId,
    admin_id: RowId,
    adjusted_by_id: RowId,
    adjusted_by_username: Type.String(),
    slots_change: Type.Integer(),
    reason: Type.String(),
    previous_max_agents: Count,
    new_max_agents: Count,
    created_at: Timestamp,
  },
  { title: 'SlotAdjustment' },
);

export const PaymentRequestBody = Type.Object({
  num_agents: Type.Integer({ minimum: 1, maximum: 100_000 }),
  payment_notes: Type.Optional(Notes),
});

export const DecisionBody = Type.Object({ admin_notes: Type.Optional(Notes) });

export const Approved = Type.Object({
  message: Type.String(),
  new_max_agents: Count,
  subscription_end_date: Timestamp,
});

export const WalletView = Type.Object({ wallet_address: nullable(Type.String()) });
export const WalletBody = Type.Object({ wallet_address: Type.String({ maxLength: 500 }) });
export const WalletChanged = Type.Object({ message: Type.String(), wallet_address: Type.String() });

export const AdjustmentBody = Type.Object({
  slots_change: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, description: 'Not 0.' }),
  reason: Type.String({ minLength: 3, maxLength: 500, pattern: '\\S' }),
});

export const Adjusted = Type.Object({
  message: Type.String(),
  previous_max_agents: Count,
  new_max_agents: Count,
  slots_change: Type.Integer(),
  reason: Type.String(),
});
