/** Campaigns and the leads in them. Pure. */
import type { CallStatus } from './call.ts';
import type { ConfigObject } from './campaign-config.ts';
import type { CampaignStatus } from './crm.ts';

export type CampaignRecord = {
  id: number;
  ownerId: number;
  ownerName: string;
  name: string;
  description: string | null;
  status: CampaignStatus;
  botConfig: ConfigObject;
  dialingConfig: ConfigObject;
  scheduleConfig: ConfigObject;
  counters: CampaignCounters;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
};

/** By lead and its latest finished attempt. */
export type CampaignCounters = { total: number; answered: number; rejected: number; failed: number };

export const NO_LEADS: CampaignCounters = { total: 0, answered: 0, rejected: 0, failed: 0 };

/** Statuses of a finished attempt, by the counter they belong to. */
export const COUNTED_AS = {
  answered: ['answered'],
  rejected: ['rejected', 'busy'],
  failed: ['failed', 'no_answer'],
} as const satisfies Record<string, readonly CallStatus[]>;

export type CampaignLeadRecord = {
  id: number;
  leadId: number;
  leadName: string;
  leadPhone: string;
  leadCountry: string | null;
  status: CallStatus;
  priority: number;
  callAttempts: number;
  lastAttemptAt: Date | null;
  scheduledFor: Date | null;
  callSessionId: string | null;
  callDurationSeconds: number | null;
  callResult: string | null;
  completedAt: Date | null;
};

export type CampaignLeadPage = { status: CallStatus | null; page: number; perPage: number };

/** Conditions are joined by "and"; null stands for none. */
export type LeadFilter = {
  countries: readonly string[] | null;
  minCallCount: number | null;
  maxCallCount: number | null;
};

export const STARTABLE: readonly CampaignStatus[] = ['draft', 'ready', 'paused'];
export const STOPPABLE: readonly CampaignStatus[] = ['draft', 'ready', 'running', 'paused'];

const EDITABLE: readonly CampaignStatus[] = ['draft', 'ready'];

/** By an edit; all other changes are made by start, pause, stop and the dialler. */
export const maySwitchTo = (from: CampaignStatus, to: CampaignStatus): boolean =>
  from === to || (EDITABLE.includes(from) && EDITABLE.includes(to));

export type RefusedOrder = { ok: false; reason: 'notFound' | 'wrongStatus' | 'noLeads' };

/** What came of an order to a campaign in the database. */
export type StatusChange = { ok: true; totalLeads: number; hasCallConfig: boolean } | RefusedOrder;

/** What came of an order to a campaign; `message` is for the user. */
export type CampaignAnswer = { ok: true; message: string; totalLeads: number; hasCallConfig: boolean } | RefusedOrder;

/** How far a campaign is, counted from the rows of its leads and of its calls that are over. */
export type CampaignOutcomes = {
  /** By lead, as its row stands. */
  leads: {
    pending: number;
    inProgress: number;
    answered: number;
    rejected: number;
    busy: number;
    noAnswer: number;
    failed: number;
  };
  /** Attempts that were made. */
  attempts: number;
  /** Calls that were answered, by who did; who could not be told from a person is one. */
  answeredBy: { people: number; machines: number; screeners: number };
  /** Of those of people. */
  abandoned: number;
};

/** A person who answers shall hear the agent within this time; else the call is abandoned. */
export const ABANDONED_AFTER_SECONDS = 2;

/** 0 to 1; null: no person has answered yet. */
export const abandonmentRate = ({ answeredBy: { people }, abandoned }: CampaignOutcomes): number | null =>
  people === 0 ? null : abandoned / people;
