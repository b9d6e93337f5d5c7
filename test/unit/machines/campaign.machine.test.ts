import { createActor, fromCallback, fromPromise } from 'xstate';
import { expect, it } from 'vitest';
import { createCampaignMachine, type CampaignEvent } from '#machines/campaign.machine.ts';
import type { DiallingInput } from '#machines/campaign.ports.ts';

const begin = (completions: (boolean | Error)[] = [true]) => {
  const inputs: DiallingInput[] = [];
  const nudges: string[] = [];
  const machine = createCampaignMachine({
    now: () => 1_000,
    actors: {
      dialling: fromCallback<{ type: 'queue.nudged' }, DiallingInput>(({ input, receive }) => {
        inputs.push(input);
        receive(({ type }) => nudges.push(type));
      }),
      complete: fromPromise<boolean, { campaignId: number }>(async () => {
        const next = completions.shift() ?? true;
        if (next instanceof Error) throw next;
        return next;
      }),
    },
  });
  const actor = createActor(machine, { input: { campaignId: 7 } });
  actor.start();
  const states: unknown[] = [];
  actor.subscribe(({ value }) => states.push(value));
  const send = (...events: CampaignEvent[]) => events.forEach((event) => actor.send(event));
  return { actor, send, inputs, nudges, states, state: () => actor.getSnapshot().value };
};

const STARTED: CampaignEvent = { type: 'campaign.started', concurrency: 3 };
const seen = (inFlight: number, waiting: number): CampaignEvent => ({
  ...{ type: 'queue.seen', inFlight, waiting, cause: null },
});

it('dials when it is started, and is told again what it knows without beginning anew', () => {
  const { send, inputs, state } = begin();
  send(STARTED, STARTED, seen(1, 4));
  expect(state()).toBe('running');
  expect(inputs).toEqual([{ campaignId: 7, mayDial: true }]);
});

it('D2: dials no more while it is pausing, and is paused when no call is left', () => {
  const { send, inputs, state } = begin();
  send(STARTED, { type: 'campaign.paused' }, seen(2, 4), { type: 'campaign.paused' });
  expect(state()).toBe('pausing');
  expect(inputs.at(-1)).toEqual({ campaignId: 7, mayDial: false });
  send(seen(0, 4));
  expect(state()).toBe('paused');
  send(STARTED);
  expect(state()).toBe('running');
});

it('D2: is cancelled when its last call has ended, whatever it is told meanwhile', () => {
  const { send, state, actor } = begin();
  send(STARTED, { type: 'campaign.cancelled' }, seen(1, 4), STARTED, { type: 'campaign.paused' });
  expect(state()).toBe('cancelling');
  send(seen(0, 4));
  expect(state()).toBe('cancelled');
  expect(actor.getSnapshot()).toMatchObject({ status: 'done', context: { completedAt: 1_000 } });
});

it('is completed when no row is left, and goes on when leads were added in the meantime', async () => {
  const { send, actor, states } = begin([false, new Error('no database'), true]);
  const over = new Promise<void>((resolve) => actor.subscribe({ complete: resolve }));
  actor.subscribe(({ value }) => {
    if (value === 'running') queueMicrotask(() => actor.send(seen(0, 0)));
  });
  send(STARTED);
  await over;
  expect(states).toEqual(['running', 'completing', 'running', 'completing', 'running', 'completing', 'completed']);
});

it('hands a nudge on to the queue', () => {
  const { send, nudges } = begin();
  send({ type: 'queue.nudged' }, STARTED, { type: 'queue.nudged' });
  expect(nudges).toEqual(['queue.nudged']);
});
