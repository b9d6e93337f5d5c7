/** Accounts: finding them, logging in, making and changing them. */
import type { InferEntity, FilterQuery } from '@mikro-orm/core';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import type { AccountRefusal, Actor, AuditAction, NewUser, UserChange, UserRecord } from '#domain/account.ts';
import type { UserRole } from '#domain/user.ts';
import { noteAct } from './audit.repository.ts';
import { constraintOf } from './database-error.ts';
import { User } from './entities/user.entity.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

type UserRow = InferEntity<typeof User>;

export const toUserRecord = (row: UserRow): UserRecord => ({
  id: row.id,
  username: row.username,
  email: row.email,
  role: row.role,
  firstName: row.firstName ?? null,
  lastName: row.lastName ?? null,
  organization: row.organization ?? null,
  createdAt: row.createdAt,
  createdById: row.createdById ?? null,
  gateSlot: row.gateSlot ?? null,
  isActive: row.isActive,
  lastLogin: row.lastLogin ?? null,
  maxAgents: row.maxAgents,
  subscriptionEndDate: row.subscriptionEndDate ?? null,
});

const TAKEN: Readonly<Record<string, AccountRefusal>> = {
  users_username_unique: 'usernameTaken',
  users_email_unique: 'emailTaken',
  users_gate_slot_unique: 'noGateSlot',
};

/** One transaction; a name, address or slot that is taken is an outcome, not an error. */
export const changing = async <T>(
  database: DatabaseAccess,
  work: (em: EntityManager) => Promise<T>,
): Promise<T | AccountRefusal> => {
  try {
    return await guarded(database, (em) => em.transactional(work));
  } catch (error) {
    const refusal = TAKEN[constraintOf(error) ?? ''];
    if (refusal) return refusal;
    throw error;
  }
};

/** The row, locked until the transaction ends. */
export const lockUser = (em: EntityManager, where: FilterQuery<UserRow>): Promise<UserRow | null> =>
  em.findOne(User, where, { lockMode: LockMode.PESSIMISTIC_WRITE });

export const insertUser = async (
  em: EntityManager,
  user: NewUser & Partial<Pick<UserRecord, 'organization' | 'createdById' | 'gateSlot'>> & { role: UserRole },
): Promise<UserRecord> => {
  const row = em.create(User, user, { partial: true });
  await em.persist(row).flush();
  return toUserRecord(await em.refreshOrFail(row));
};

const namesOf = (change: UserChange): string[] =>
  Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));

type ChangeOrder = {
  where: FilterQuery<UserRow>;
  /** An admin whose agent it must be. */
  adminId?: number;
  change: UserChange;
  by: Actor;
  action: AuditAction;
};

export const createUsersRepository = (database: DatabaseAccess) => ({
  find: (id: number): Promise<UserRecord | null> =>
    guarded(database, async (em) => {
      const row = await em.findOne(User, { id });
      return row && toUserRecord(row);
    }),

  /** With its password hash, by user name or id. */
  findLogin: (who: { username: string } | { id: number }): Promise<(UserRecord & { hashedPassword: string }) | null> =>
    guarded(database, async (em) => {
      const row = await em.findOne(User, who);
      return row && { ...toUserRecord(row), hashedPassword: row.hashedPassword };
    }),

  noteLogin: (id: number): Promise<void> =>
    guarded(database, async (em) => {
      await em.nativeUpdate(User, { id }, { lastLogin: new Date() });
    }),

  hasSuperadmin: (): Promise<boolean> =>
    guarded(database, async (em) => (await em.count(User, { role: 'superadmin' })) > 0),

  /** An account that nobody's permission is needed for; `by` is null when it makes itself. */
  create: (
    user: Parameters<typeof insertUser>[1],
    action: AuditAction,
    by: Omit<Actor, 'id'> & { id?: number | null },
  ) =>
    changing(database, async (em) => {
      const created = await insertUser(em, user);
      await noteAct(em, {
        by: { ...by, id: by.id ?? created.id },
        action,
        target: { type: 'user', id: created.id },
        details: { username: created.username },
      });
      return created;
    }),

  change: ({ where, adminId, change, by, action }: ChangeOrder): Promise<UserRecord | AccountRefusal> =>
    changing(database, async (em) => {
      const row = await lockUser(em, where);
      if (!row) return 'notFound';
      if (adminId !== undefined && row.createdById !== adminId) return 'notOwn';
      em.assign(row, { ...change, updatedAt: new Date() }, { ignoreUndefined: true });
      await em.flush();
      const target = { type: 'user' as const, id: row.id };
      await noteAct(em, { by, action, target, details: { username: row.username, fields: namesOf(change) } });
      return toUserRecord(row);
    }),
});
