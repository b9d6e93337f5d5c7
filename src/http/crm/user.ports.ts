/** What the routes of users, agents, tenants and billing need of the rest. Methods reject as `CallRecords` does. */
import type {
  AccountRefusal,
  Actor,
  AdjustmentRecord,
  AuditAction,
  NewUser,
  PaymentRecord,
  UserChange,
  UserRecord,
} from '#domain/account.ts';
import type { UserRole } from '#domain/user.ts';
import type { AuditLog } from '#http/audit.routes.ts';

/** An act of somebody who is a row. */
export type KnownActor = Actor & { id: number };

export interface Passwords {
  /** Rejects with an error whose `code` is `busy` when too many wait. */
  hash(password: string): Promise<string>;
  /** Null stands for a user who does not exist: takes as long and is false. Rejects as `hash` does. */
  verify(password: string, hashed: string | null): Promise<boolean>;
}

export type UserLogin = UserRecord & { hashedPassword: string };

export type UserCreation = NewUser & {
  role: UserRole;
  createdById?: number | null;
};

export interface UserStore {
  find(id: number): Promise<UserRecord | null>;
  findLogin(who: { username: string } | { id: number }): Promise<UserLogin | null>;
  noteLogin(id: number): Promise<void>;
  /** `by.id` null: by the new user itself. */
  create(user: UserCreation, action: AuditAction, by: Actor): Promise<UserRecord | AccountRefusal>;
  change(order: {
    where: { id: number; role?: UserRole };
    /** The admin whose agent it must be. */
    adminId?: number;
    change: UserChange;
    by: Actor;
    action: AuditAction;
  }): Promise<UserRecord | AccountRefusal>;
}

export interface AgentStore {
  /** By id. */
  list(adminId: number): Promise<readonly UserRecord[]>;
  create(admin: KnownActor, user: NewUser): Promise<UserRecord | AccountRefusal>;
  /** Null when it is done. */
  remove(admin: KnownActor, id: number): Promise<AccountRefusal | null>;
}

export type AdminRecord = UserRecord & { agentCount: number };
export type AgentWithAdmin = UserRecord & {
  admin: Pick<UserRecord, 'id' | 'username' | 'organization'>;
};

export interface AdminStore {
  stats(): Promise<{
    admins: number;
    agents: number;
    leads: number;
    campaigns: number;
  }>;
  /** By id. */
  list(): Promise<readonly AdminRecord[]>;
  find(id: number): Promise<AdminRecord | null>;
  create(user: NewUser & { organization: string }, by: Actor): Promise<AdminRecord | AccountRefusal>;
  /** Of all tenants, by id. */
  agents(): Promise<readonly AgentWithAdmin[]>;
  /** With its agents, everything they own, and the recordings. Null when there is no such admin. */
  remove(id: number, by: Actor): Promise<{ agents: number } | null>;
}

export type BillingRefusal = 'notFound' | 'alreadyDecided' | 'alreadyPending' | 'belowZero' | 'tooMany';

export interface BillingStore {
  request(
    admin: KnownActor,
    wanted: { numAgents: number; paymentNotes: string | null },
  ): Promise<PaymentRecord | BillingRefusal>;
  /** Newest first. */
  requestsOf(adminId: number): Promise<readonly PaymentRecord[]>;
  /** Pending ones first, then newest first. */
  requests(): Promise<readonly PaymentRecord[]>;
  decide(decision: {
    id: number;
    isApproved: boolean;
    adminNotes: string | null;
    by: Actor;
  }): Promise<{ newMaxAgents: number; subscriptionEndDate: Date } | BillingRefusal>;
  adjust(order: {
    adminId: number;
    slotsChange: number;
    reason: string;
    by: KnownActor;
  }): Promise<{ previousMaxAgents: number; newMaxAgents: number } | BillingRefusal>;
  /** Newest first. */
  adjustmentsOf(adminId: number): Promise<readonly AdjustmentRecord[]>;
  wallet(): Promise<string | null>;
  setWallet(address: string | null, by: Actor): Promise<void>;
}

/** The link by which the first superadmin is made. */
export interface FirstSetUp {
  /** True once, for the right token, while it is good and there is no superadmin. */
  take(token: string): Promise<boolean>;
  /** The account could not be made after all: the token is good again. */
  giveBack(token: string): void;
}

export type AccountPorts = {
  users: UserStore;
  agents: AgentStore;
  admins: AdminStore;
  billing: BillingStore;
  audit: AuditLog;
  passwords: Passwords;
  firstSetUp: FirstSetUp;
  /** Whether anybody may register as a new admin. */
  registrationOpen: boolean;
};
