/** Deletes an admin with everything that is the tenant's: first its live calls end, then files and rows go together. */
import type { Actor } from '#domain/account.ts';
import type { createAdminsRepository } from '#persistence/admins.repository.ts';
import type { DeletedFolders } from './deleted-folders.ts';

export type RemoveTenantDeps = {
  admins: Pick<ReturnType<typeof createAdminsRepository>, 'disableTenant' | 'removeTenant'>;
  folders: Pick<DeletedFolders, 'moveAside' | 'putBack' | 'remove'>;
  /** Resolves when none is live any more, or after a while. */
  endCallsOf: (ownerIds: readonly number[]) => Promise<void>;
};

/** Null when there is no such admin. */
export const createRemoveTenant =
  ({ admins, folders, endCallsOf }: RemoveTenantDeps) =>
  async (id: number, by: Actor): Promise<{ agents: number } | null> => {
    const userIds = await admins.disableTenant(id);
    if (userIds === null) return null;
    await endCallsOf(userIds);
    let aside: readonly string[] = [];
    try {
      const removed = await admins.removeTenant(id, by, async (callIds) => {
        aside = callIds;
        await folders.moveAside(callIds);
      });
      await folders.remove(aside);
      return removed;
    } catch (error) {
      await folders.putBack(aside);
      throw error;
    }
  };
