/** Trunks as the API changes them: passwords are sealed on the way in, and the directory is told. */
import type { RegistrationView, Trunk, TrunkSettings } from '#domain/trunk.ts';
import type { TrunksRepository } from '#persistence/trunks.repository.ts';
import type { TrunkDirectory } from './trunk-directory.ts';

/** `password` undefined: unchanged; null: none. */
export type TrunkChange = { settings: TrunkSettings; password?: string | null | undefined };
export type TrunkView = { trunk: Trunk; registration: RegistrationView | null };

export type TrunkOffice = {
  list(): Promise<readonly TrunkView[]>;
  find(id: number): Promise<TrunkView | null>;
  /** Null: the name is taken. */
  create(change: TrunkChange): Promise<TrunkView | null>;
  /** Null: the name is taken, or the trunk is gone. */
  update(id: number, change: TrunkChange): Promise<TrunkView | null>;
  remove(id: number): Promise<boolean>;
};

export type TrunkOfficeDeps = {
  trunks: TrunksRepository;
  directory: Pick<TrunkDirectory, 'refresh'>;
  seal: { seal(text: string): string };
};

export const createTrunkOffice = ({ trunks, directory, seal }: TrunkOfficeDeps): TrunkOffice => {
  const valuesOf = ({ settings, password }: TrunkChange) => ({
    ...settings,
    ...(password === undefined ? {} : { passwordSealed: password === null ? null : seal.seal(password) }),
  });
  const viewOf = async (trunk: Trunk): Promise<TrunkView> => {
    const registrations = await trunks.registrations();
    return { trunk, registration: registrations.get(trunk.id) ?? null };
  };
  const changed = async (trunk: Trunk | null): Promise<TrunkView | null> => {
    if (!trunk) return null;
    await directory.refresh();
    return viewOf(trunk);
  };
  return {
    list: async () => {
      const [list, registrations] = await Promise.all([trunks.list(), trunks.registrations()]);
      return list.map((trunk) => ({ trunk, registration: registrations.get(trunk.id) ?? null }));
    },
    find: async (id) => {
      const trunk = await trunks.find(id);
      return trunk && viewOf(trunk);
    },
    create: async (change) => changed(await trunks.create(valuesOf(change))),
    update: async (id, change) => changed(await trunks.update(id, valuesOf(change))),
    remove: async (id) => {
      const isRemoved = await trunks.remove(id);
      await directory.refresh();
      return isRemoved;
    },
  };
};
