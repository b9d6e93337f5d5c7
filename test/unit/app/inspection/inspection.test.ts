import { describe, expect, it, vi } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import { createActorRoster } from '#app/actor-roster.ts';
import { createInspection } from '#app/inspection/inspection.ts';

const log = { debug: vi.fn(), info: () => {}, warn: () => {}, error: () => {} };

const child = setup({}).createMachine({ id: 'transcription', initial: 'keeping', states: { keeping: {} } });

/** Its context and events hold what must not leave. */
const createCall = (id: string) => {
  const machine = setup({
    types: { events: {} as { type: 'caller.hungUp' } | { type: 'said'; text: string; code: string; sdp: string[] } },
    actors: { child },
  }).createMachine({
    id: 'call',
    context: () => ({ callId: id, callerNumber: '+359888123456', resumptionHandle: 'handle-secret', epoch: 1 }),
    initial: 'talking',
    invoke: { src: 'child', id: 'transcription' },
    states: {
      talking: { on: { said: { actions: assign({ epoch: 2 }) }, 'caller.hungUp': 'ended' } },
      ended: { type: 'final' },
    },
  });
  return createActor(machine, { id });
};

type Message = {
  type: string;
  sessionId: string;
  parentId?: string;
  event?: Record<string, unknown>;
  definition?: string;
  snapshot?: { value?: unknown; context?: Record<string, unknown> };
};

const start = ({ showPhoneNumbers = false } = {}) => {
  const roster = createActorRoster();
  const inspection = createInspection({ roster, now: () => 1_000, log, showPhoneNumbers });
  const enter = (id: string) => {
    const actor = createCall(id);
    roster.enter(actor);
    actor.start();
    return actor;
  };
  const frames: string[] = [];
  const messages = () => frames.map((frame) => JSON.parse(frame) as Message);
  const watch = (rootId: string | null = null, hasDefinitions = true) =>
    inspection.watch({ rootId, hasDefinitions }, (batch) => void frames.push(...batch));
  const settled = async () => {
    for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
  };
  return { roster, inspection, enter, frames, messages, watch, settled };
};

describe('inspection', () => {
  it('tells a new viewer of each actor that lives, parents first', async () => {
    const { enter, watch, messages, settled } = start();
    const call = enter('call-1');
    watch();
    await settled();
    const told = messages();
    expect(told.map(({ type }) => type)).toEqual(['@xstate.actor', '@xstate.actor']);
    expect(told[0]).toMatchObject({
      name: 'call-1',
      sessionId: call.sessionId,
      rootId: call.sessionId,
      createdAt: '1000',
      _version: '0.7.2',
      snapshot: { status: 'active', value: 'talking' },
    });
    expect(told[1]).toMatchObject({ name: 'transcription', parentId: call.sessionId });
    expect(JSON.parse(told[0]?.definition ?? '')).toMatchObject({ id: 'call', initial: 'talking' });
  });

  it('tells of events and snapshots, and of actors that enter later', async () => {
    const { enter, watch, messages, settled, frames } = start();
    const call = enter('call-1');
    watch();
    await settled();
    frames.length = 0;
    call.send({ type: 'caller.hungUp' });
    const later = enter('call-2');
    await settled();
    expect(messages().filter(({ sessionId }) => sessionId === call.sessionId)).toMatchObject([
      { type: '@xstate.event', event: { type: 'caller.hungUp' } },
      { type: '@xstate.snapshot', event: { type: 'caller.hungUp' }, snapshot: { value: 'ended', status: 'done' } },
    ]);
    expect(messages().find(({ sessionId }) => sessionId === later.sessionId)).toMatchObject({
      type: '@xstate.actor',
      snapshot: { value: 'talking' },
    });
    expect(messages().find(({ parentId }) => parentId === later.sessionId)).toMatchObject({
      type: '@xstate.actor',
      snapshot: { value: 'keeping' },
    });
  });

  it('lets out ids and facts, never text, handles or, unless asked for, telephone numbers', async () => {
    const { enter, watch, messages, frames, settled } = start();
    const call = enter('call-1');
    watch();
    await settled();
    call.send({ type: 'said', text: 'my secret words', code: 'E1', sdp: ['v=0'] });
    await settled();
    expect(messages()[0]?.snapshot?.context).toEqual({ callId: 'call-1', callerNumber: '…56', epoch: 1 });
    expect(messages().find(({ type }) => type === '@xstate.event')?.event).toEqual({
      type: 'said',
      code: 'E1',
      sdp: 1,
    });
    expect(messages().at(-1)?.snapshot?.context).toMatchObject({ epoch: 2 });
    for (const secret of ['my secret words', 'handle-secret', '888123', 'v=0']) {
      expect(frames.join('\n')).not.toContain(secret);
    }
  });

  it('shows telephone numbers by setting', async () => {
    const { enter, watch, messages, settled } = start({ showPhoneNumbers: true });
    enter('call-1');
    watch();
    await settled();
    expect(messages()[0]?.snapshot?.context).toMatchObject({ callerNumber: '+359888123456' });
  });

  it('leaves the definitions out for a viewer who knows the machines', async () => {
    const { enter, watch, messages, settled } = start();
    enter('call-1');
    watch(null, false);
    await settled();
    expect(messages()[0]).toMatchObject({ name: 'call-1', snapshot: { value: 'talking' } });
    expect(messages()[0]).not.toHaveProperty('definition');
  });

  it('shows one call to a viewer who asks for one', async () => {
    const { enter, watch, messages, settled } = start();
    const first = enter('call-1');
    const second = enter('call-2');
    watch('call-2');
    await settled();
    first.send({ type: 'caller.hungUp' });
    second.send({ type: 'caller.hungUp' });
    await settled();
    expect(new Set(messages().map(({ sessionId }) => sessionId))).not.toContain(first.sessionId);
    expect(messages().some(({ type }) => type === '@xstate.snapshot')).toBe(true);
  });

  it('observes nothing before the first viewer and after the last', async () => {
    const { enter, watch, frames, inspection, settled } = start();
    const call = enter('call-1');
    const inspect = vi.spyOn(call.system, 'inspect');
    enter('call-2');
    expect(inspect).not.toHaveBeenCalled();
    const viewer = watch();
    expect(inspect).toHaveBeenCalledTimes(1);
    viewer[Symbol.dispose]();
    expect(inspection.viewers).toBe(0);
    frames.length = 0;
    call.send({ type: 'caller.hungUp' });
    enter('call-3');
    await settled();
    expect(frames).toEqual([]);
  });
});
