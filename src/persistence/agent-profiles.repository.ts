/** Agent profiles as rows, with a version for each change. */
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { KeptProfile, ProfileContent, ProfileVersion } from '#domain/agent-profile.ts';
import type { OwnerScope } from '#domain/user.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type AgentProfilesRepository = {
  /** Those of the owners, and the shared ones; by name. */
  list(scope: OwnerScope): Promise<readonly KeptProfile[]>;
  find(id: number): Promise<KeptProfile | null>;
  /** Null: the owner has one of this name. */
  create(ownerId: number | null, content: ProfileContent, changedById: number | null): Promise<KeptProfile | null>;
  /** Null: the name is taken, or there is none with this id. */
  update(id: number, content: ProfileContent, changedById: number | null): Promise<KeptProfile | null>;
  remove(id: number): Promise<boolean>;
  /** Newest first. */
  versions(id: number): Promise<readonly ProfileVersion[]>;
};

const COLUMNS = `id, owner_id as "ownerId", name, version, is_default as "isDefault", instruction, greeting, language, voice,
  greeting_mode as "greetingMode", created_at as "createdAt", updated_at as "updatedAt"`;

const LIST = `select ${COLUMNS} from agent_profiles where ? or owner_id is null or owner_id in (select jsonb_array_elements_text(?::jsonb)::int)
  order by name, id`;

const valuesOf = ({ name, isDefault, instruction, greeting, language, voice, greetingMode }: ProfileContent) => [
  ...[name, isDefault, instruction, greeting, language, voice, greetingMode],
];

const CREATE = `insert into agent_profiles (owner_id, name, is_default, instruction, greeting, language, voice, greeting_mode)
  values (?, ?, ?, ?, ?, ?, ?, ?) returning ${COLUMNS}`;

const UPDATE = `update agent_profiles set name = ?, is_default = ?, instruction = ?, greeting = ?, language = ?, voice = ?,
  greeting_mode = ?, version = version + 1, updated_at = now() where id = ? returning ${COLUMNS}`;

const ONE_DEFAULT = `update agent_profiles set is_default = false
  where is_default and id <> ? and coalesce(owner_id, 0) = coalesce(?::int, 0)`;

const KEEP_VERSION = `insert into agent_profile_versions (profile_id, version, content, changed_by_id) values (?, ?, ?::jsonb, ?)`;

const VERSIONS = `select version, content, changed_by_id as "changedById", created_at as "createdAt"
  from agent_profile_versions where profile_id = ? order by version desc`;

type Row = Omit<KeptProfile, 'createdAt' | 'updatedAt'> & { createdAt: string | Date; updatedAt: string | Date };

/** Plain statements give times as texts. */
const toProfile = (row: Row): KeptProfile => ({
  ...row,
  createdAt: new Date(row.createdAt),
  updatedAt: new Date(row.updatedAt),
});

const orNullIfTaken = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) return null;
    throw error;
  }
};

const keepVersion = async (
  em: EntityManager,
  profile: KeptProfile,
  changedById: number | null,
): Promise<KeptProfile> => {
  const { id, version, name, isDefault, instruction, greeting, language, voice, greetingMode } = profile;
  const content: ProfileContent = { name, isDefault, instruction, greeting, language, voice, greetingMode };
  await em.execute(KEEP_VERSION, [id, version, JSON.stringify(content), changedById]);
  return profile;
};

/** All methods reject with `DatabaseError`. */
export const createAgentProfilesRepository = (database: DatabaseAccess): AgentProfilesRepository => ({
  list: (scope) =>
    guarded(database, async (em) => {
      const ids = JSON.stringify(scope.kind === 'everyone' ? [] : scope.ids);
      return (await em.execute<Row[]>(LIST, [scope.kind === 'everyone', ids])).map(toProfile);
    }),
  find: (id) =>
    guarded(database, async (em) => {
      const rows = await em.execute<Row[]>(`select ${COLUMNS} from agent_profiles where id = ?`, [id]);
      return rows[0] ? toProfile(rows[0]) : null;
    }),
  create: (ownerId, content, changedById) =>
    guarded(database, (em) =>
      orNullIfTaken(() =>
        em.transactional(async (inside) => {
          if (content.isDefault) await inside.execute(ONE_DEFAULT, [0, ownerId]);
          const [created] = await inside.execute<Row[]>(CREATE, [ownerId, ...valuesOf(content)]);
          return created ? keepVersion(inside, toProfile(created), changedById) : null;
        }),
      ),
    ),
  update: (id, content, changedById) =>
    guarded(database, (em) =>
      orNullIfTaken(() =>
        em.transactional(async (inside) => {
          const [known] = await inside.execute<{ ownerId: number | null }[]>(
            'select owner_id as "ownerId" from agent_profiles where id = ? for update',
            [id],
          );
          if (!known) return null;
          if (content.isDefault) await inside.execute(ONE_DEFAULT, [id, known.ownerId]);
          const [updated] = await inside.execute<Row[]>(UPDATE, [...valuesOf(content), id]);
          return updated ? keepVersion(inside, toProfile(updated), changedById) : null;
        }),
      ),
    ),
  remove: (id) =>
    guarded(database, async (em) => {
      const rows = await em.execute<unknown[]>('delete from agent_profiles where id = ? returning id', [id]);
      return rows.length > 0;
    }),
  versions: (id) =>
    guarded(database, async (em) => {
      const rows = await em.execute<ProfileVersion[]>(VERSIONS, [id]);
      return rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt) }));
    }),
});
