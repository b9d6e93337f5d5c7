/** Whose SIM cards there are. */
import { type DatabaseAccess, guarded } from './guarded.ts';

export type GateSlotsRepository = {
  /** Id of the user who has the slot; null: nobody. Rejects with `DatabaseError`. */
  holder(slot: number): Promise<number | null>;
};

export const createGateSlotsRepository = (database: DatabaseAccess): GateSlotsRepository => ({
  holder: (slot) =>
    guarded(database, async (em) => {
      const [user] = await em.execute<{ id: number }[]>('select id from users where gate_slot = ?', [slot]);
      return user?.id ?? null;
    }),
});
