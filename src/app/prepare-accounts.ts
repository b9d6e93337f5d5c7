/** What has to be true of accounts before the first request: there is a superadmin, and no deletion is half done. */
import type { Log } from '#domain/log.ts';
import type { AccountConfig } from '#config/accounts.ts';
import { createAdminsRepository } from '#persistence/admins.repository.ts';
import type { Database } from '#persistence/database.ts';
import { createUsersRepository } from '#persistence/users.repository.ts';
import { createDeletedFolders } from './deleted-folders.ts';
import { createPasswords } from './passwords.ts';
import { ensureSuperadmin } from './set-up.ts';

export type PrepareAccountsDeps = { database: Database; accounts: AccountConfig; dataDirectory: string; log: Log };

/** Whether the set-up link is needed. Never rejects: a database that is out has these done at the next start. */
export const prepareAccounts = async ({ database, accounts, dataDirectory, log }: PrepareAccountsDeps) => {
  const { existingCalls } = createAdminsRepository(database);
  await createDeletedFolders(dataDirectory, log)
    .settle(existingCalls)
    .catch((error: unknown) => log.warn({ error: String(error) }, 'Folders of deleted calls could not be settled.'));
  const users = createUsersRepository(database);
  return !(await ensureSuperadmin({ wanted: accounts.superadmin, users, passwords: createPasswords(), log }));
};
