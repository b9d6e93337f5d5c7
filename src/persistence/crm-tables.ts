/** Tables of the CRM as statements see them, and the parts of statements that several repositories share. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { type Expression, type Generated, type Kysely, type SqlBool, sql } from 'kysely';
import type { CallStatus } from '#domain/call.ts';
import type { CampaignStatus, Gender } from '#domain/crm.ts';
import { fullNameOf, type OwnerScope } from '#domain/user.ts';

export type LeadColumns = {
  id: Generated<number>;
  owner_id: number;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string;
  country: string | null;
  country_code: string | null;
  phone_e164: string;
  gender: Gender;
  address: string | null;
  notes: string | null;
  custom_data: string | null;
  import_batch_id: string | null;
  last_called_at: Date | null;
  call_count: Generated<number>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
};

export type CampaignColumns = {
  id: Generated<number>;
  owner_id: number;
  name: string;
  description: string | null;
  status: Generated<CampaignStatus>;
  bot_config: string;
  dialing_config: string;
  schedule_config: string;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  started_at: Date | null;
  completed_at: Date | null;
};

export type CampaignLeadColumns = {
  id: Generated<number>;
  campaign_id: number;
  lead_id: number;
  lead_name: string;
  lead_phone: string;
  lead_country: string | null;
  status: Generated<CallStatus>;
  priority: Generated<number>;
  call_attempts: Generated<number>;
  last_attempt_at: Date | null;
  scheduled_for: Date | null;
  call_session_id: string | null;
  call_duration: number | null;
  call_result: string | null;
  added_at: Generated<Date>;
  completed_at: Date | null;
};

type UserColumns = {
  id: number;
  username: string;
  first_name: string | null;
  last_name: string | null;
  role: string;
  created_by_id: number | null;
};

type CallSessionColumns = {
  campaign_id: number | null;
  lead_id: number | null;
  status: CallStatus;
  started_at: Date;
};

export type CrmTables = {
  users: UserColumns;
  leads: LeadColumns;
  campaigns: CampaignColumns;
  campaign_leads: CampaignLeadColumns;
  call_sessions: CallSessionColumns;
};

/** Statements past the unit of work, inside the transaction of `em` if there is one. */
export const statements = (em: EntityManager): Kysely<CrmTables> => em.getKysely<CrmTables>();

const MAX_INT4 = 2_147_483_647;

/** Ids beyond the column's type are ids of nothing. */
export const isRowId = (id: number): boolean => Number.isInteger(id) && id > 0 && id <= MAX_INT4;

/** The condition that a row belongs to the scope. */
export const ownedBy = (owner: Expression<unknown>, scope: OwnerScope): Expression<SqlBool> =>
  scope.kind === 'everyone' ? sql<SqlBool>`true` : sql<SqlBool>`${owner} = any(${sql.val([...scope.ids])}::int[])`;

/** Of the joined owner, for `ownerNameOf`. */
export const OWNER_NAMES = [
  'users.username as owner_username',
  'users.first_name as owner_first_name',
  'users.last_name as owner_last_name',
] as const;

type OwnerNames = { owner_username: string; owner_first_name: string | null; owner_last_name: string | null };

export const ownerNameOf = (row: OwnerNames): string =>
  fullNameOf({ username: row.owner_username, firstName: row.owner_first_name, lastName: row.owner_last_name });

/** Times come as text or as `Date`, depending on who parses them. */
export const timeOf = (value: Date | string): Date => new Date(value);
export const timeOrNull = (value: Date | string | null): Date | null => (value === null ? null : new Date(value));
