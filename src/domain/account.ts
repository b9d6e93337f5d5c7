/** Accounts of users, what may be done to them, and how it is recorded. Pure. */
import type { PaymentStatus } from './crm.ts';
import type { UserRole } from './user.ts';

export type UserRecord = {
  id: number;
  username: string;
  email: string;
  role: UserRole;
  firstName: string | null;
  lastName: string | null;
  organization: string | null;
  createdAt: Date;
  createdById: number | null;
  gateSlot: number | null;
  isActive: boolean;
  lastLogin: Date | null;
  maxAgents: number;
  subscriptionEndDate: Date | null;
};

export type NewUser = Pick<UserRecord, 'username' | 'email' | 'firstName' | 'lastName'> & { hashedPassword: string };

/** What is absent stays as it is. */
export type UserChange = Partial<
  Pick<UserRecord, 'email' | 'firstName' | 'lastName' | 'organization' | 'isActive'> & { hashedPassword: string }
>;

/** Why an account is not changed. */
export type AccountRefusal = 'usernameTaken' | 'emailTaken' | 'notFound' | 'notOwn' | 'agentLimit' | 'noGateSlot';

/** Who did something: for the audit log. */
export type Actor = { id: number | null; name: string; address: string | null };

export type AuditAction =
  | 'user.registered'
  | 'user.setUp'
  | 'user.passwordChanged'
  | 'user.passwordReset'
  | 'agent.created'
  | 'agent.changed'
  | 'agent.deleted'
  | 'admin.created'
  | 'admin.changed'
  | 'admin.deleted'
  | 'admin.slotsAdjusted'
  | 'payment.requested'
  | 'payment.approved'
  | 'payment.rejected'
  | 'settings.walletChanged'
  | 'session.claimed';

export type PaymentRecord = {
  id: number;
  adminId: number;
  numAgents: number;
  /** US dollars. */
  totalAmount: number;
  status: PaymentStatus;
  paymentNotes: string | null;
  adminNotes: string | null;
  createdAt: Date;
  updatedAt: Date;
  approvedAt: Date | null;
  admin: Pick<UserRecord, 'username' | 'email' | 'organization' | 'maxAgents'> & { agentCount: number };
};

export type AdjustmentRecord = {
  id: number;
  adminId: number;
  adjustedById: number;
  adjustedByUsername: string;
  slotsChange: number;
  reason: string;
  previousMaxAgents: number;
  newMaxAgents: number;
  createdAt: Date;
};

/** US dollars for a slot and month. */
export const PRICE_PER_AGENT = 300;
export const SUBSCRIPTION_DAYS = 30;

const DAY_MS = 86_400_000;

export const isSubscribedAt = (end: Date | null, now: number): boolean => end !== null && end.getTime() > now;

/** Whole days left, or null when the subscription is over. */
export const daysRemaining = (end: Date | null, now: number): number | null =>
  end !== null && isSubscribedAt(end, now) ? Math.floor((end.getTime() - now) / DAY_MS) : null;

/** The end after one more month: from the present end, or from now when that has passed. */
export const prolonged = (end: Date | null, now: number): Date =>
  new Date(Math.max(now, end?.getTime() ?? 0) + SUBSCRIPTION_DAYS * DAY_MS);

/** The lowest number of the pool that nobody has. */
export const lowestFree = (pool: { min: number; max: number }, taken: readonly number[]): number | null => {
  for (let slot = pool.min; slot <= pool.max; slot += 1) if (!taken.includes(slot)) return slot;
  return null;
};
