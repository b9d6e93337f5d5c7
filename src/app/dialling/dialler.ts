/** Runs the campaigns of this application: one machine for each whose lease it holds. */
import { createActor } from 'xstate';
import { createCompleteActor, createDiallingActor, type QueueLook } from '#actors/campaign.actor.ts';
import type { CampaignProgress, DialQueue, HeldCampaign } from '#domain/dial-queue.ts';
import { readDialingConfig } from '#domain/campaign-config.ts';
import {
  CAMPAIGN_MACHINE_VERSION,
  createCampaignMachine,
  type CampaignActor,
  type CampaignEvent,
} from '#machines/campaign.machine.ts';
import type { ActorRoster } from '#app/actor-roster.ts';
import { createDialRound, type DialRoundDeps } from './dial-round.ts';
import { createProgressFeed } from './progress-feed.ts';

export type DiallerDeps = DialRoundDeps & {
  queue: DialQueue;
  roster: Pick<ActorRoster, 'enter'>;
  /** Told whenever something of it is different, and when its outcomes were counted after that. */
  onProgress: (progress: CampaignProgress) => void;
};

export type Dialler = {
  /** Goes on with the campaigns that run. Calls nobody before. */
  start(): void;
  /** An order was given: look at the campaigns at once. */
  look(): void;
  /** No more calls are placed; those in progress go on. Whoever comes next may take the campaigns at once. */
  stop(): Promise<void>;
};

const LOOK_EVERY_MS = 1_000;

/** What the row says, as the machine is told. */
const eventOf = ({ status, dialingConfig }: HeldCampaign): CampaignEvent => {
  if (status === 'running') {
    return { type: 'campaign.started', concurrency: readDialingConfig(dialingConfig).concurrentCalls };
  }
  return { type: status === 'cancelled' ? 'campaign.cancelled' : 'campaign.paused' };
};

export const createDialler = (deps: DiallerDeps): Dialler => {
  const { queue, roster, log, now, onProgress } = deps;
  const progressOf = createProgressFeed({ outcomesOf: queue.outcomes, publish: onProgress });
  const round = createDialRound(deps);
  const running = new Map<number, { actor: CampaignActor; campaign: HeldCampaign }>();
  let timer: NodeJS.Timeout | null = null;
  let isStarted = false;
  let looking: Promise<void> | null = null;
  let isLate = false;
  /** One after the other: the last state is the one that stays. */
  let kept: Promise<void> = Promise.resolve();

  const lookAtQueue = async (campaignId: number, mayDial: boolean, signal: AbortSignal): Promise<QueueLook> => {
    const held = running.get(campaignId);
    if (!held) throw new Error('This campaign is not ours any more.');
    return round(held.campaign, mayDial, signal);
  };

  const logic = createCampaignMachine({
    now,
    actors: {
      dialling: createDiallingActor({
        look: ({ campaignId, mayDial }, signal) => lookAtQueue(campaignId, mayDial, signal),
        onFault: (campaignId, error) =>
          log.warn({ campaignId, error: String(error) }, 'The queue of a campaign could not be looked at.'),
      }),
      complete: createCompleteActor(queue),
    },
  });

  const keep = (campaignId: number, state: string, context: object) => {
    kept = kept
      .then(() => queue.keep(campaignId, { version: CAMPAIGN_MACHINE_VERSION, state, context }))
      .catch((error: unknown) => log.debug({ campaignId, error: String(error) }, 'A campaign was not kept.'));
  };

  const begin = (campaign: HeldCampaign) => {
    const campaignId = campaign.id;
    const actor = createActor(logic, { id: `campaign-${campaignId}`, input: { campaignId } });
    running.set(campaignId, { actor, campaign });
    roster.enter(actor);
    let last = '';
    let told = '';
    const forget = () => {
      if (running.get(campaignId)?.actor === actor) running.delete(campaignId);
    };
    actor.subscribe({
      next: ({ value, context }) => {
        const { inProgress, waiting, cause } = context;
        const progress = { campaignId, state: value, inProgress, waiting, cause };
        if (JSON.stringify(progress) !== told) progressOf.tell(progress);
        told = JSON.stringify(progress);
        if (value === last) return;
        last = value;
        log.info({ campaignId, state: value }, 'A campaign is in another state.');
        keep(campaignId, value, context);
      },
      error: (error) => {
        log.error({ campaignId, error: String(error) }, 'A campaign crashed; it begins anew.');
        forget();
      },
      complete: forget,
    });
    actor.start();
  };

  const tell = (campaign: HeldCampaign) => {
    const entry = running.get(campaign.id);
    if (!entry) return;
    entry.campaign = campaign;
    entry.actor.send(eventOf(campaign));
  };

  const sync = async (): Promise<void> => {
    try {
      const held = await queue.hold();
      if (!isStarted) return;
      const ids = new Set(held.map(({ id }) => id));
      for (const [id, { actor }] of running) {
        if (ids.has(id)) continue;
        running.delete(id);
        actor.stop();
      }
      for (const campaign of held) {
        if (!running.has(campaign.id)) begin(campaign);
        tell(campaign);
      }
    } catch (error) {
      log.debug({ error: String(error) }, 'The campaigns could not be looked at.');
    }
  };

  const lookNow = () => {
    if (!isStarted) return;
    if (looking) {
      isLate = true;
      return;
    }
    if (timer) clearTimeout(timer);
    isLate = false;
    looking = sync().finally(() => {
      looking = null;
      if (isStarted) timer = setTimeout(lookNow, isLate ? 0 : LOOK_EVERY_MS);
    });
  };

  return {
    start: () => {
      isStarted = true;
      lookNow();
    },
    look: lookNow,
    stop: async () => {
      isStarted = false;
      if (timer) clearTimeout(timer);
      for (const { actor } of running.values()) actor.stop();
      running.clear();
      await looking;
      await kept;
      await progressOf.stop();
      await queue.letGo().catch((error: unknown) => log.debug({ error: String(error) }, 'Campaigns were not let go.'));
    },
  };
};
