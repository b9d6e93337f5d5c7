/** Keeps the campaigns. Counters are counted when they are asked for, so they cannot be wrong. */
import { type Kysely, sql } from 'kysely';
import type { GivenCallConfig } from '#domain/call-config.ts';
import {
  type CampaignCounters,
  type CampaignOutcomes,
  type CampaignRecord,
  NO_LEADS,
  STARTABLE,
  type StatusChange,
  STOPPABLE,
} from '#domain/campaign.ts';
import type { ConfigObject } from '#domain/campaign-config.ts';
import type { CampaignStatus } from '#domain/crm.ts';
import type { OwnerScope } from '#domain/user.ts';
import { countersOf, outcomesOf } from './campaign-counters.ts';
import {
  type CrmTables,
  isRowId,
  OWNER_NAMES,
  ownedBy,
  ownerNameOf,
  statements,
  timeOf,
  timeOrNull,
} from './crm-tables.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { toSafeJson } from './journal-batch.ts';

export type NewCampaign = {
  name: string;
  description: string | null;
  botConfig: ConfigObject;
  dialingConfig: ConfigObject;
  scheduleConfig: ConfigObject;
};

export type CampaignEdit = Partial<NewCampaign> & { status?: CampaignStatus };

/** What a campaign was before it was edited, and what it shall be; `null` leaves it as it is. */
export type EditCampaign = (before: CampaignRecord) => CampaignEdit | null;

/** All methods reject with `DatabaseError`, `edit` also with what its function throws. */
export type CampaignsRepository = {
  create(ownerId: number, campaign: NewCampaign): Promise<CampaignRecord>;
  /** Newest first. */
  list(scope: OwnerScope, status: CampaignStatus | null): Promise<readonly CampaignRecord[]>;
  find(id: number): Promise<CampaignRecord | null>;
  /** Of one that exists. */
  outcomes(id: number): Promise<CampaignOutcomes>;
  /** Nobody else edits it meanwhile. Null when it is gone. */
  edit(id: number, edit: EditCampaign): Promise<CampaignRecord | null>;
  remove(id: number): Promise<'removed' | 'running' | 'gone'>;
  start(id: number, callConfig: GivenCallConfig | null): Promise<StatusChange>;
  pause(id: number): Promise<StatusChange>;
  stop(id: number): Promise<StatusChange>;
};

const selectCampaigns = (db: Kysely<CrmTables>) =>
  db
    .selectFrom('campaigns')
    .innerJoin('users', 'users.id', 'campaigns.owner_id')
    .selectAll('campaigns')
    .select(OWNER_NAMES);

type Row = Awaited<ReturnType<ReturnType<typeof selectCampaigns>['execute']>>[number];

// `jsonb` comes parsed.
const configOf = (value: unknown): ConfigObject => value as ConfigObject;

const toCampaign = (row: Row, counters: CampaignCounters): CampaignRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  ownerName: ownerNameOf(row),
  name: row.name,
  description: row.description,
  status: row.status,
  botConfig: configOf(row.bot_config),
  dialingConfig: configOf(row.dialing_config),
  scheduleConfig: configOf(row.schedule_config),
  counters,
  createdAt: timeOf(row.created_at),
  updatedAt: timeOf(row.updated_at),
  startedAt: timeOrNull(row.started_at),
  completedAt: timeOrNull(row.completed_at),
});

const findCampaign = async (db: Kysely<CrmTables>, id: number): Promise<CampaignRecord | null> => {
  if (!isRowId(id)) return null;
  const row = await selectCampaigns(db).where('campaigns.id', '=', id).executeTakeFirst();
  if (!row) return null;
  return toCampaign(row, (await countersOf(db, [id])).get(id) ?? NO_LEADS);
};

const columnsOf = (edit: CampaignEdit) => ({
  ...(edit.name !== undefined && { name: edit.name }),
  ...(edit.description !== undefined && { description: edit.description }),
  ...(edit.status !== undefined && { status: edit.status }),
  ...(edit.botConfig && { bot_config: toSafeJson(edit.botConfig) }),
  ...(edit.dialingConfig && { dialing_config: toSafeJson(edit.dialingConfig) }),
  ...(edit.scheduleConfig && { schedule_config: toSafeJson(edit.scheduleConfig) }),
});

const lock = async (db: Kysely<CrmTables>, id: number): Promise<CampaignStatus | null> => {
  if (!isRowId(id)) return null;
  const row = await db.selectFrom('campaigns').select('status').where('id', '=', id).forUpdate().executeTakeFirst();
  return row?.status ?? null;
};

type Change = Record<string, unknown>;

export const createCampaignsRepository = (database: DatabaseAccess): CampaignsRepository => {
  const locked = <T>(id: number, work: (db: Kysely<CrmTables>, status: CampaignStatus | null) => Promise<T>) =>
    guarded(database, (em) =>
      em.transactional(async (inside) => work(statements(inside), await lock(statements(inside), id))),
    );

  /** Changes the status when it is one of `from`. */
  const order = (id: number, from: readonly CampaignStatus[], change: Change, needsLeads = false) =>
    locked<StatusChange>(id, async (db, status) => {
      if (status === null) return { ok: false, reason: 'notFound' };
      if (!from.includes(status)) return { ok: false, reason: 'wrongStatus' };
      const { total = 0 } = (await countersOf(db, [id])).get(id) ?? {};
      if (needsLeads && total === 0) return { ok: false, reason: 'noLeads' };
      const { bot_config: config } = await db
        .updateTable('campaigns')
        .set({ ...change, updated_at: sql`now()` })
        .where('id', '=', id)
        .returning('bot_config')
        .executeTakeFirstOrThrow();
      return { ok: true, totalLeads: total, hasCallConfig: 'call_config' in configOf(config) };
    });

  return {
    create: (ownerId, campaign) =>
      guarded(database, async (em) => {
        const db = statements(em);
        const { id } = await db
          .insertInto('campaigns')
          .values({
            owner_id: ownerId,
            name: campaign.name,
            description: campaign.description,
            bot_config: toSafeJson(campaign.botConfig),
            dialing_config: toSafeJson(campaign.dialingConfig),
            schedule_config: toSafeJson(campaign.scheduleConfig),
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        return (await findCampaign(db, id)) as CampaignRecord;
      }),
    list: (scope, status) =>
      guarded(database, async (em) => {
        const db = statements(em);
        const rows = await selectCampaigns(db)
          .where(ownedBy(sql.ref('campaigns.owner_id'), scope))
          .$if(status !== null, (query) => query.where('campaigns.status', '=', status as CampaignStatus))
          .orderBy('campaigns.id', 'desc')
          .execute();
        const ids = rows.map(({ id }) => id);
        const counters = await countersOf(db, ids);
        return rows.map((row) => toCampaign(row, counters.get(row.id) ?? NO_LEADS));
      }),
    find: (id) => guarded(database, (em) => findCampaign(statements(em), id)),
    outcomes: (id) => guarded(database, (em) => outcomesOf(em, id)),
    edit: async (id, edit) => {
      let refused: { error: unknown } | null = null;
      const run = async (db: Kysely<CrmTables>, status: CampaignStatus | null) => {
        const before = status === null ? null : await findCampaign(db, id);
        if (before === null) return null;
        const change = (() => {
          try {
            return edit(before);
          } catch (error) {
            refused = { error };
            throw error;
          }
        })();
        if (change === null) return before;
        await db
          .updateTable('campaigns')
          .set({ ...columnsOf(change), updated_at: sql`now()` })
          .where('id', '=', id)
          .execute();
        return findCampaign(db, id);
      };
      try {
        return await locked(id, run);
      } catch (error) {
        throw (refused as { error: unknown } | null)?.error ?? error;
      }
    },
    remove: (id) =>
      locked(id, async (db, status) => {
        if (status === null) return 'gone';
        if (status === 'running') return 'running';
        // Its rows go with it, its calls stay without it: by the foreign keys.
        await db.deleteFrom('campaigns').where('id', '=', id).execute();
        return 'removed';
      }),
    start: (id, callConfig) => {
      const kept = callConfig && toSafeJson({ call_config: callConfig });
      return order(
        id,
        STARTABLE,
        {
          status: 'running',
          started_at: sql`coalesce(started_at, now())`,
          ...(kept && { bot_config: sql`bot_config || ${kept}::jsonb` }),
        },
        true,
      );
    },
    pause: (id) => order(id, ['running'], { status: 'paused' }),
    stop: (id) => order(id, STOPPABLE, { status: 'cancelled', completed_at: sql`now()` }),
  };
};
