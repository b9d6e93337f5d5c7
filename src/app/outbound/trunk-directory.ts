/** The trunks as this process knows them: read again when they are changed here, and every few seconds for changes elsewhere. */
import type { Log } from '#domain/log.ts';
import type { Trunk } from '#domain/trunk.ts';
import type { TrunksRepository } from '#persistence/trunks.repository.ts';

export type TrunkDirectory = Disposable & {
  list(): readonly Trunk[];
  find(id: number): Trunk | undefined;
  credentialsOf(trunk: Trunk): { username: string; password: string } | null;
  isRegistered(id: number): boolean;
  /** Rejects with `DatabaseError`; what was known stays. */
  refresh(): Promise<void>;
  /** Told after each refresh; must not throw. */
  onRefreshed(listener: () => void): void;
};

export type TrunkDirectoryDeps = {
  trunks: Pick<TrunksRepository, 'list' | 'sealedPasswords' | 'registrations'>;
  seal: { open(sealed: string): string | null };
  log: Log;
  now: () => number;
};

const REFRESH_EVERY_MS = 5_000;

export const createTrunkDirectory = ({ trunks, seal, log, now }: TrunkDirectoryDeps): TrunkDirectory => {
  let known: readonly Trunk[] = [];
  let passwords: ReadonlyMap<number, string> = new Map();
  /** Until when, in epoch milliseconds. */
  let registered: ReadonlyMap<number, number> = new Map();
  const listeners: (() => void)[] = [];

  const refresh = async (): Promise<void> => {
    const [list, sealed, registrations] = await Promise.all([
      trunks.list(),
      trunks.sealedPasswords(),
      trunks.registrations(),
    ]);
    known = list;
    passwords = sealed;
    registered = new Map(
      [...registrations].flatMap(([id, { expiresAt }]) => (expiresAt ? [[id, expiresAt.getTime()] as const] : [])),
    );
    for (const tell of listeners) tell();
  };

  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.debug({ error: String(error) }, 'Trunks were not read again.'));
  }, REFRESH_EVERY_MS);

  return {
    list: () => known,
    find: (id) => known.find((trunk) => trunk.id === id),
    credentialsOf: ({ id, username, authUsername }) => {
      const sealed = passwords.get(id);
      const password = sealed === undefined ? null : seal.open(sealed);
      const account = authUsername ?? username;
      if (sealed !== undefined && password === null) {
        log.error({ trunkId: id }, 'The password of a trunk was sealed with another secret; set it again.');
      }
      return account === null || password === null ? null : { username: account, password };
    },
    isRegistered: (id) => (registered.get(id) ?? 0) > now(),
    refresh,
    onRefreshed: (listener) => void listeners.push(listener),
    [Symbol.dispose]: () => clearInterval(timer),
  };
};
