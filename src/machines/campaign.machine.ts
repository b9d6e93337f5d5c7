/**
 * A campaign, run by one application at a time. The row has the word on what the user wants, and is told again and again;
 * the rows of its leads are the queue.
 *
 *  draft ──▶ running ──(no row left)──▶ completing ──▶ completed
 *    │        │   ▲                         └─(leads were added)──▶ running
 *    │        ▼   │
 *    ├────▶ pausing ──(no call left)──▶ paused ──▶ running
 *    └────▶ cancelling ──(no call left)──▶ cancelled
 */
import { assign, emit, sendTo, setup, type ActorRefFrom } from 'xstate';
import type { CampaignPorts } from './campaign.ports.ts';

export const CAMPAIGN_MACHINE_VERSION = 1;

export type CampaignEvent =
  /** What the row says. */
  | { type: 'campaign.started'; concurrency: number }
  | { type: 'campaign.paused' }
  | { type: 'campaign.cancelled' }
  /** `cause`: why nothing is placed although rows wait; null: no reason, or none that a person could do away with. */
  | { type: 'queue.seen'; inFlight: number; waiting: number; cause: string | null }
  /** Something has changed: look at once. */
  | { type: 'queue.nudged' };

export type CampaignContext = {
  campaignId: number;
  concurrency: number;
  inProgress: number;
  waiting: number;
  startedAt: number | null;
  completedAt: number | null;
  cause: string | null;
};

type Seen = Extract<CampaignEvent, { type: 'queue.seen' }>;

export const createCampaignMachine = ({ actors, now }: CampaignPorts) =>
  setup({
    types: {} as {
      input: { campaignId: number };
      context: CampaignContext;
      events: CampaignEvent;
      emitted: { type: 'campaign.eventIgnored'; ignored: string };
      children: { dialling: 'dialling'; complete: 'complete' };
    },
    actors,
    actions: {
      noteStart: assign(({ context }, { concurrency }: { concurrency: number }) => ({
        concurrency,
        startedAt: context.startedAt ?? now(),
      })),
      noteQueue: assign((_, { inFlight, waiting, cause }: Seen) => ({ inProgress: inFlight, waiting, cause })),
      noteEnd: assign({ completedAt: () => now(), cause: null }),
      nudge: sendTo('dialling', { type: 'queue.nudged' }),
      emitIgnored: emit(({ event }) => ({ type: 'campaign.eventIgnored', ignored: event.type })),
    },
    guards: {
      isOwnEvent: ({ event }) => !event.type.startsWith('xstate.'),
      nobodyTalks: (_, { inFlight }: Seen) => inFlight === 0,
      nothingIsLeft: (_, { inFlight, waiting }: Seen) => inFlight + waiting === 0,
    },
  }).createMachine({
    id: 'campaign',
    context: ({ input }) => ({
      ...input,
      ...{ concurrency: 0, inProgress: 0, waiting: 0, startedAt: null, completedAt: null, cause: null },
    }),
    initial: 'draft',
    on: {
      'campaign.started': {
        target: '.running',
        actions: { type: 'noteStart', params: ({ event }) => event },
      },
      'campaign.paused': '.pausing',
      'campaign.cancelled': '.cancelling',
      'queue.seen': { actions: { type: 'noteQueue', params: ({ event }) => event } },
      'queue.nudged': {},
      '*': { guard: 'isOwnEvent', actions: 'emitIgnored' },
    },
    states: {
      draft: {},
      running: {
        invoke: {
          id: 'dialling',
          src: 'dialling',
          input: ({ context: { campaignId } }) => ({ campaignId, mayDial: true }),
          onError: { target: 'running', reenter: true },
        },
        on: {
          'campaign.started': { actions: { type: 'noteStart', params: ({ event }) => event } },
          'queue.seen': [
            {
              guard: { type: 'nothingIsLeft', params: ({ event }) => event },
              target: 'completing',
              actions: { type: 'noteQueue', params: ({ event }) => event },
            },
            { actions: { type: 'noteQueue', params: ({ event }) => event } },
          ],
          'queue.nudged': { actions: 'nudge' },
        },
      },
      completing: {
        invoke: {
          id: 'complete',
          src: 'complete',
          input: ({ context: { campaignId } }) => ({ campaignId }),
          onDone: [{ guard: ({ event }) => event.output, target: 'completed' }, { target: 'running' }],
          onError: { target: 'running' },
        },
        // What the row says when this is done is told again.
        on: { 'campaign.started': {}, 'campaign.paused': {}, 'campaign.cancelled': {} },
      },
      pausing: {
        invoke: {
          id: 'dialling',
          src: 'dialling',
          input: ({ context: { campaignId } }) => ({ campaignId, mayDial: false }),
          onError: { target: 'pausing', reenter: true },
        },
        on: {
          'campaign.paused': {},
          'queue.seen': [
            {
              guard: { type: 'nobodyTalks', params: ({ event }) => event },
              target: 'paused',
              actions: { type: 'noteQueue', params: ({ event }) => event },
            },
            { actions: { type: 'noteQueue', params: ({ event }) => event } },
          ],
          'queue.nudged': { actions: 'nudge' },
        },
      },
      paused: { on: { 'campaign.paused': {} } },
      cancelling: {
        invoke: {
          id: 'dialling',
          src: 'dialling',
          input: ({ context: { campaignId } }) => ({ campaignId, mayDial: false }),
          onError: { target: 'cancelling', reenter: true },
        },
        on: {
          'campaign.cancelled': {},
          'campaign.paused': {},
          'campaign.started': {},
          'queue.seen': [
            {
              guard: { type: 'nobodyTalks', params: ({ event }) => event },
              target: 'cancelled',
              actions: { type: 'noteQueue', params: ({ event }) => event },
            },
            { actions: { type: 'noteQueue', params: ({ event }) => event } },
          ],
          'queue.nudged': { actions: 'nudge' },
        },
      },
      completed: { type: 'final', entry: 'noteEnd' },
      cancelled: { type: 'final', entry: 'noteEnd' },
    },
  });

export type CampaignLogic = ReturnType<typeof createCampaignMachine>;
export type CampaignActor = ActorRefFrom<CampaignLogic>;
