/** One look at the queue of a campaign: what has ended is settled, what may be placed is placed. */
import type { QueueLook } from '#actors/campaign.actor.ts';
import { resolveCallConfig } from '#domain/call-config.ts';
import type { CallId } from '#domain/call.ts';
import { ANSWERING_MACHINE_FIELD } from '#domain/callee.ts';
import { readAnsweringMachine, readBotConfig } from '#domain/campaign-config.ts';
import type { Attempt, ClaimAnswer, DialQueue, HeldCampaign } from '#domain/dial-queue.ts';
import { afterAttempt, judge, nextDialAt, readDiallingRules, type DiallingRules } from '#domain/dialling.ts';
import type { Log } from '#domain/log.ts';
import { PlacementError, type CallOrder, type PlacedCall, type PlacementFailure } from '#domain/placement.ts';

export type DialRoundDeps = {
  queue: DialQueue;
  placement: { place(order: CallOrder): Promise<PlacedCall> };
  log: Log;
  now: () => number;
  newCallId: () => CallId;
};

/** Calls end without a word to the dialler: their rows are looked at this often. */
const LOOK_AGAIN_MS = 400;
const BACK_OFF_MS = 5_000;
const CAPACITY_BACK_OFF_MS = 1_000;

/** Of this one number: it is not tried again. Everything else is a matter of the trunks. */
const HOPELESS: ReadonlySet<PlacementFailure> = new Set(['destinationBlocked', 'callerIdNotAllowed']);
/** It may be that a row was written: it has the word, and where there is none its id is barred. */
const DOUBTFUL: ReadonlySet<PlacementFailure> = new Set(['unavailable', 'notReady']);

const policyOf = ({ botConfig }: HeldCampaign) => {
  const policy = readAnsweringMachine(botConfig);
  return policy === null ? {} : { [ANSWERING_MACHINE_FIELD]: policy };
};

const orderFor = (campaign: HeldCampaign, attempt: Attempt, rules: DiallingRules): CallOrder => ({
  callId: attempt.callId,
  number: attempt.e164,
  links: { ownerId: campaign.ownerId, leadId: attempt.leadId, campaignId: campaign.id },
  slot: campaign.slot,
  ...{ callerId: null, trunkId: null, language: null, ringSeconds: rules.ringSeconds },
  maxSeconds: readBotConfig(campaign.botConfig).maxCallDurationSeconds,
  leases: [{ scope: `campaign:${campaign.id}`, limit: rules.concurrentCalls }],
  metadata: {
    call_config: resolveCallConfig(campaign.botConfig['call_config'] ?? {}, campaign.organization),
    attempt: attempt.number,
    ...policyOf(campaign),
  },
});

type Rest = { until: number; cause: string };

export const createDialRound = ({ queue, placement, log, now, newCallId }: DialRoundDeps) => {
  /** From before their rows are claimed until they are placed or refused. */
  const placing = new Set<CallId>();
  /** Campaigns that cannot place anything now. */
  const resting = new Map<number, Rest>();

  const refused = async (campaignId: number, attempt: Attempt, error: unknown): Promise<void> => {
    const code = error instanceof PlacementError ? error.code : 'notReady';
    const cause = error instanceof Error ? error.message : String(error);
    if (HOPELESS.has(code)) return queue.drop(campaignId, attempt, cause);
    const until = now() + (code === 'capacity' ? CAPACITY_BACK_OFF_MS : BACK_OFF_MS);
    resting.set(campaignId, { until, cause });
    log.warn({ campaignId, callId: attempt.callId, cause: code }, 'A call of a campaign could not be placed.');
    if (!DOUBTFUL.has(code)) await queue.giveBack(campaignId, attempt, now());
  };

  const dial = async (campaign: HeldCampaign, attempt: Attempt, rules: DiallingRules): Promise<void> => {
    try {
      await placement.place(orderFor(campaign, attempt, rules));
    } catch (error) {
      await refused(campaign.id, attempt, error).catch((fault: unknown) =>
        log.warn({ campaignId: campaign.id, error: String(fault) }, 'A row of a campaign is settled later.'),
      );
    } finally {
      placing.delete(attempt.callId);
    }
  };

  const claim = async (campaignId: number, rules: DiallingRules): Promise<ClaimAnswer> => {
    const offered: CallId[] = [];
    const offer = () => {
      const callId = newCallId();
      offered.push(callId);
      placing.add(callId);
      return callId;
    };
    let kept: CallId | null = null;
    try {
      const answer = await queue.claim({ campaignId, rules, now: now(), judge, nextDialAt, newCallId: offer });
      if (answer.kind === 'attempt') kept = answer.attempt.callId;
      return answer;
    } finally {
      for (const callId of offered) if (callId !== kept) placing.delete(callId);
    }
  };

  /** Returns how many were placed, and for how long nothing more may be. */
  const placeWhatMay = async (campaign: HeldCampaign, rules: DiallingRules, signal: AbortSignal) => {
    for (let placed = 0; ; placed++) {
      const isResting = (resting.get(campaign.id)?.until ?? 0) > now();
      if (signal.aborted || isResting) return { placed, againInMs: LOOK_AGAIN_MS };
      const answer = await claim(campaign.id, rules);
      if (answer.kind !== 'attempt') {
        const waitMs = answer.kind === 'wait' ? answer.until - now() : LOOK_AGAIN_MS;
        return { placed, againInMs: Math.min(LOOK_AGAIN_MS, Math.max(0, waitMs)) };
      }
      void dial(campaign, answer.attempt, rules);
    }
  };

  const causeOf = (campaignId: number, { hours }: DiallingRules): string | null => {
    if (hours.kind === 'unusable') return `The calling hours cannot be read: ${hours.reason}.`;
    const rest = resting.get(campaignId);
    return rest && rest.until > now() ? rest.cause : null;
  };

  return async (campaign: HeldCampaign, mayDial: boolean, signal: AbortSignal): Promise<QueueLook> => {
    const rules = readDiallingRules(campaign.dialingConfig, campaign.scheduleConfig);
    const { id: campaignId } = campaign;
    const isPlacing = (callId: CallId) => placing.has(callId);
    const { inFlight, waiting } = await queue.settle({ campaignId, rules, now: now(), after: afterAttempt, isPlacing });
    const cause = causeOf(campaignId, rules);
    if (!mayDial || waiting === 0 || cause !== null) return { inFlight, waiting, cause, againInMs: LOOK_AGAIN_MS };
    const { placed, againInMs } = await placeWhatMay(campaign, rules, signal);
    return { inFlight: inFlight + placed, waiting: waiting - placed, cause, againInMs };
  };
};
