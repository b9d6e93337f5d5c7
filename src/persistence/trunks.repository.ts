/** The trunks as rows. Their passwords go in and out sealed. */
import { UniqueConstraintViolationException, type InferEntity } from '@mikro-orm/core';
import type { RegistrationView, Trunk, TrunkOrigin, TrunkSettings } from '#domain/trunk.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { TrunkRegistration, TrunkRow } from './entities/trunk.entity.ts';

/** `passwordSealed` undefined: unchanged. */
export type TrunkValues = TrunkSettings & { passwordSealed?: string | null };

export type TrunksRepository = {
  list(): Promise<readonly Trunk[]>;
  find(id: number): Promise<Trunk | null>;
  /** Null: a trunk has this name already. */
  create(values: TrunkValues): Promise<Trunk | null>;
  /** Null: there is none with this id, or another has the name. */
  update(id: number, values: TrunkValues): Promise<Trunk | null>;
  remove(id: number): Promise<boolean>;
  /** The trunk of the settings; null: there is none (any more). */
  keepConfigured(values: TrunkValues | null): Promise<void>;
  /** By trunk id. */
  sealedPasswords(): Promise<ReadonlyMap<number, string>>;
  /** By trunk id; of those that register. */
  registrations(): Promise<ReadonlyMap<number, RegistrationView>>;
};

type Row = InferEntity<typeof TrunkRow>;

const CONFIGURED: TrunkOrigin = 'environment';

const toTrunk = (row: Row): Trunk => ({
  id: row.id,
  origin: row.origin,
  name: row.name,
  kind: row.kind,
  transport: row.transport,
  host: row.host,
  port: row.port ?? null,
  domain: row.domain ?? null,
  username: row.username ?? null,
  authUsername: row.authUsername ?? null,
  hasPassword: typeof row.passwordSealed === 'string',
  callerIds: row.callerIds,
  numberFormat: row.numberFormat,
  dialPrefix: row.dialPrefix ?? null,
  priority: row.priority,
  capacity: row.capacity,
  codecs: row.codecs,
  allowedDestinations: row.allowedDestinations,
  blockedDestinations: row.blockedDestinations,
  signallingCidrs: row.signallingCidrs,
  mediaCidrs: row.mediaCidrs,
  followsRedirects: row.followsRedirects,
  isEnabled: row.isEnabled,
  ownerId: row.ownerId ?? null,
});

const orNullIfTaken = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) return null;
    throw error;
  }
};

/** All methods reject with `DatabaseError`. */
export const createTrunksRepository = (database: DatabaseAccess): TrunksRepository => ({
  list: () =>
    guarded(database, async (em) => {
      const rows = await em.find(TrunkRow, {}, { orderBy: { priority: 'asc', id: 'asc' }, disableIdentityMap: true });
      return rows.map(toTrunk);
    }),
  find: (id) =>
    guarded(database, async (em) => {
      const row = await em.findOne(TrunkRow, { id });
      return row && toTrunk(row);
    }),
  create: (values) =>
    guarded(database, (em) =>
      orNullIfTaken(async () => {
        const row = em.create(TrunkRow, { ...values, updatedAt: new Date() });
        await em.flush();
        return toTrunk(row);
      }),
    ),
  update: (id, values) =>
    guarded(database, (em) =>
      orNullIfTaken(async () => {
        const row = await em.findOne(TrunkRow, { id });
        if (!row) return null;
        em.assign(row, { ...values, updatedAt: new Date() });
        await em.flush();
        return toTrunk(row);
      }),
    ),
  remove: (id) =>
    guarded(database, (em) =>
      em.transactional(async (inside) => {
        await inside.nativeDelete(TrunkRegistration, { trunkId: id });
        return (await inside.nativeDelete(TrunkRow, { id })) > 0;
      }),
    ),
  keepConfigured: (values) =>
    guarded(database, async (em) => {
      const row = await em.findOne(TrunkRow, { origin: CONFIGURED });
      if (values === null) {
        if (row) em.assign(row, { isEnabled: false, updatedAt: new Date() });
      } else if (row) em.assign(row, { ...values, updatedAt: new Date() });
      else em.create(TrunkRow, { ...values, origin: CONFIGURED, updatedAt: new Date() });
      await em.flush();
    }),
  sealedPasswords: () =>
    guarded(database, async (em) => {
      const rows = await em.find(TrunkRow, {}, { fields: ['id', 'passwordSealed'], disableIdentityMap: true });
      return new Map(rows.flatMap(({ id, passwordSealed: sealed }) => (sealed ? [[id, sealed] as const] : [])));
    }),
  registrations: () =>
    guarded(database, async (em) => {
      const rows = await em.find(TrunkRegistration, {}, { disableIdentityMap: true });
      return new Map(
        rows.map((row) => [
          row.trunkId,
          {
            state: row.state,
            cause: row.cause ?? null,
            detail: row.detail ?? null,
            expiresAt: row.expiresAt ?? null,
            nextAttemptAt: row.nextAttemptAt ?? null,
          },
        ]),
      );
    }),
});
