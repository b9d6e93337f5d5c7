/** The queue of a campaign, as the dialler sees it. Implemented in `src/persistence`. */
import type { CallId } from './call.ts';
import type { CampaignOutcomes } from './campaign.ts';
import type { ConfigObject } from './campaign-config.ts';
import type { CampaignStatus } from './crm.ts';
import type { AfterAttempt, AttemptEnd, Candidate, DiallingRules, LastDone, Verdict } from './dialling.ts';

/** A campaign that this application dials, as it is now. */
export type HeldCampaign = {
  id: number;
  status: CampaignStatus;
  ownerId: number;
  /** SIM slot of the owner. */
  slot: number | null;
  organization: string | null;
  botConfig: ConfigObject;
  dialingConfig: ConfigObject;
  scheduleConfig: ConfigObject;
};

/** An attempt that is ours to make: its row, its call id and its place among the concurrent calls are taken. */
export type Attempt = {
  rowId: number;
  leadId: number;
  callId: CallId;
  e164: string;
  number: number;
};

export type ClaimRequest = {
  campaignId: number;
  rules: DiallingRules;
  now: number;
  judge: (candidate: Candidate, rules: DiallingRules, now: number) => Verdict;
  nextDialAt: (last: LastDone, rules: DiallingRules) => number;
  newCallId: () => CallId;
};

export type ClaimAnswer =
  | { kind: 'attempt'; attempt: Attempt }
  /** As many calls as may be are live. */
  | { kind: 'full' }
  /** Not before then. */
  | { kind: 'wait'; until: number }
  /** No row is due. */
  | { kind: 'nothing' }
  /** The campaign does not run, or another application dials it. */
  | { kind: 'notOurs' };

export type SettleRequest = {
  campaignId: number;
  rules: DiallingRules;
  now: number;
  after: (end: AttemptEnd, rules: DiallingRules, now: number) => AfterAttempt;
  /** Whether this process is placing the call at this moment. */
  isPlacing: (callId: CallId) => boolean;
};

/** How far a campaign is, as those are told who look on. */
export type CampaignProgress = {
  campaignId: number;
  /** Of its machine. */
  state: string;
  /** Calls. */
  inProgress: number;
  /** Leads that are to be called yet. */
  waiting: number;
  /** Why nothing is placed although leads wait, where a person could do something about it. */
  cause: string | null;
  /** As they were counted last; null: not yet, or not now. */
  outcomes: CampaignOutcomes | null;
};

export type QueueState = { inFlight: number; waiting: number };

/** All methods reject with `DatabaseError`. */
export interface DialQueue {
  /** Takes or renews the lease of every campaign that has something to do, and tells those that are ours. */
  hold(): Promise<readonly HeldCampaign[]>;
  /** Gives every lease back. */
  letGo(): Promise<void>;
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** The call was not placed, and no INVITE was sent: the attempt does not count. */
  giveBack(campaignId: number, attempt: Attempt, until: number): Promise<void>;
  /** Nobody will ever place this call. */
  drop(campaignId: number, attempt: Attempt, reason: string): Promise<void>;
  /** Brings the rows of attempts in flight in line with their calls. Counts of what is left. */
  settle(request: SettleRequest): Promise<QueueState>;
  outcomes(campaignId: number): Promise<CampaignOutcomes>;
  /** True when nothing was left to do, and the campaign is over now. */
  complete(campaignId: number): Promise<boolean>;
  keep(campaignId: number, snapshot: { version: number; state: string; context: object }): Promise<void>;
}
