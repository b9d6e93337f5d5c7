/** What the routes of users, tenants and billing stand on. */
import type { Log } from '#domain/log.ts';
import type { AccountPorts } from '#http/crm/user.ports.ts';
import { createAdminsRepository } from '#persistence/admins.repository.ts';
import { createAgentsRepository, type SlotPool } from '#persistence/agents.repository.ts';
import { createAuditRepository } from '#persistence/audit.repository.ts';
import { createBillingRepository } from '#persistence/billing.repository.ts';
import type { Database } from '#persistence/database.ts';
import { createUsersRepository } from '#persistence/users.repository.ts';
import { createDeletedFolders } from './deleted-folders.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createRemoveTenant } from './remove-tenant.ts';
import { createSetUp } from './set-up.ts';

export type AccountDeps = {
  database: Database;
  dataDirectory: string;
  log: Log;
  /** SIM slots of the gateway that agents are given. */
  gateSlots: SlotPool;
  registrationOpen: boolean;
  /** Of the link by which the first superadmin is made. */
  setUpToken: string | null;
  /** Hangs the live calls of these owners up; resolves when they are over, or after a while. */
  endCallsOf: (ownerIds: readonly number[]) => Promise<void>;
  passwords?: Passwords;
};

export const createAccounts = (deps: AccountDeps): AccountPorts => {
  const { database, dataDirectory, log, gateSlots, registrationOpen, setUpToken: token, endCallsOf } = deps;
  const users = createUsersRepository(database);
  const admins = createAdminsRepository(database);
  const folders = createDeletedFolders(dataDirectory, log);
  return {
    users,
    agents: createAgentsRepository(database, gateSlots),
    admins: { ...admins, remove: createRemoveTenant({ admins, folders, endCallsOf }) },
    billing: createBillingRepository(database),
    audit: createAuditRepository(database),
    passwords: deps.passwords ?? createPasswords(),
    firstSetUp: createSetUp({ token, hasSuperadmin: users.hasSuperadmin, now: Date.now }),
    registrationOpen,
  };
};
