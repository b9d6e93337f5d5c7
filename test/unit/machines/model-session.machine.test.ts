import { createActor, fromCallback, sendTo, setup, SimulatedClock, type AnyEventObject } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { MediaFact } from '#domain/media-protocol.ts';
import { createModelSessionMachine, type ModelSessionEvent } from '#machines/model-session.machine.ts';
import type { LiveConnectionCommand, LiveConnectionInput } from '#machines/model-session.ports.ts';
import { CALL_ID } from '../../fakes/call-ports.fake.ts';

const CLOSE_MS = 1_000;

/** A model session below a parent that keeps what it is told. */
const startSession = () => {
  const clock = new SimulatedClock();
  const did: string[] = [];
  const told: AnyEventObject[] = [];
  const opened: LiveConnectionInput[] = [];
  let tell: (fact: MediaFact) => void = () => {};

  const session = createModelSessionMachine({
    now: () => clock.now(),
    actors: {
      liveConnection: fromCallback<LiveConnectionCommand, LiveConnectionInput>(({ input, receive, sendBack }) => {
        opened.push(input);
        tell = sendBack;
        receive((command) => did.push(command.type));
        return () => did.push(`connection ${input.connection} stopped`);
      }),
    },
  });
  const parent = setup({ types: {} as { events: AnyEventObject }, actors: { session } }).createMachine({
    invoke: {
      id: 'session',
      src: 'session',
      input: {
        callId: CALL_ID,
        generation: 1,
        closeMs: CLOSE_MS,
        isGreeted: false,
        resumptionHandle: null,
        takeUp: null,
      },
    },
    on: {
      'to.session': { actions: sendTo('session', ({ event }) => event['command'] as ModelSessionEvent) },
      '*': { actions: ({ event }) => told.push(event) },
    },
  });
  const actor = createActor(parent, { clock }).start();
  const send = (command: ModelSessionEvent) => actor.send({ type: 'to.session', command });
  const state = () => (actor.getSnapshot().children['session']?.getSnapshot() as { value: unknown } | undefined)?.value;
  return { clock, did, told, opened, send, state, fact: (fact: MediaFact) => tell(fact) };
};

const lost = (connection: number, code = 1011) =>
  ({ type: 'model.closed', connection, by: 'closed', code, reason: 'gone', wasClean: true }) as const;

describe('a model session', () => {
  it('tells the call when it is back after a loss, and whether the model was cut off', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    session.fact({ ...lost(1), isCut: true });
    session.clock.increment(250);
    session.fact({ type: 'model.opened', connection: 2 });
    expect(session.told.slice(1)).toEqual([{ type: 'session.back', isCut: true }, { type: 'session.ready' }]);
    session.fact(lost(2));
    session.clock.increment(500);
    session.fact({ type: 'model.opened', connection: 3 });
    expect(session.told.slice(3)).toEqual([{ type: 'session.back', isCut: false }, { type: 'session.ready' }]);
    session.send({ type: 'session.takeUp', takeUp: { turn: 'thinking', heard: null } });
    expect(session.did.at(-1)).toBe('connection.takeUp');
  });

  it('tells the call when it is ready, and greets once asked', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    expect(session.told).toEqual([{ type: 'session.ready' }]);
    session.send({ type: 'session.greet' });
    session.fact({ type: 'model.greeted', connection: 1 });
    expect(session.did).toEqual(['connection.greet']);
    expect(session.told.at(-1)).toEqual({ type: 'session.greeted' });
  });

  it('keeps the wish to greet until it is ready', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.send({ type: 'session.greet' });
    expect(session.did).toEqual([]);
    session.fact({ type: 'model.opened', connection: 1 });
    expect(session.did).toEqual(['connection.greet']);
  });

  it.each([1000, 1006, 1007, 1008, 1011])(
    'G2: a close with %i in mid-call is followed by another connection',
    (code) => {
      const session = startSession();
      session.send({ type: 'session.connect' });
      session.fact({ type: 'model.opened', connection: 1 });
      session.fact({ type: 'model.resumptionUpdated', connection: 1, handle: 'h1', resumable: true });
      session.fact(lost(1, code));
      expect(session.state()).toBe('recovering');
      expect(session.did).toEqual(['connection 1 stopped']);
      session.clock.increment(250);
      expect(session.opened.map(({ connection, resumptionHandle }) => [connection, resumptionHandle])).toEqual([
        [1, null],
        [2, 'h1'],
      ]);
    },
  );

  it('G7: does not greet again after a connection was replaced', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.send({ type: 'session.greet' });
    session.fact({ type: 'model.opened', connection: 1 });
    session.fact({ type: 'model.greeted', connection: 1 });
    session.fact(lost(1));
    session.clock.increment(250);
    session.fact({ type: 'model.opened', connection: 2 });
    expect(session.did.filter((what) => what === 'connection.greet')).toHaveLength(1);
  });

  it('backs off 0.25, 0.5, 1, 2, 4, 4 … seconds and gives up after 30', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    const at: number[] = [];
    for (let connection = 1; session.state() !== 'lost' && connection < 50; connection += 1) {
      session.fact(lost(connection));
      while (session.state() === 'recovering') session.clock.increment(50);
      at.push(session.clock.now());
    }
    expect(at).toEqual([250, 750, 1_750, 3_750, 7_750, 11_750, 15_750, 19_750, 23_750, 27_750, 31_750, 31_750]);
    expect(session.told.at(-1)).toEqual({ type: 'session.lost', detail: 'closed 1011 gone' });
  });

  it('counts the budget anew once a turn was completed', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    session.fact(lost(1));
    session.clock.increment(250);
    session.fact({ type: 'model.opened', connection: 2 });
    session.fact({ type: 'model.turnCompleted', connection: 2, turn: 1 });
    session.clock.increment(60_000);
    session.fact(lost(2));
    expect(session.state()).toBe('recovering');
  });

  it('counts the budget anew after a connection that held, though no turn was completed on it', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    session.fact(lost(1));
    session.clock.increment(250);
    session.fact({ type: 'model.opened', connection: 2 });
    session.clock.increment(60_000);
    session.fact(lost(2));
    expect(session.state()).toBe('recovering');
    session.clock.increment(250);
    expect(session.opened.at(-1)?.connection).toBe(3);
  });

  it.each([1007, 1008])('G12: gives up at once when the first set-up is refused with %i', (code) => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.closed', connection: 1, by: 'closed', code, reason: 'bad model', wasClean: true });
    expect(session.told).toEqual([{ type: 'session.lost', detail: `${code} bad model` }]);
  });

  it('G2: tries again after broken messages in the first set-up, which only we closed with 1007', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    const broken = { type: 'model.closed', connection: 1, code: 1007, reason: 'broken JSON', wasClean: true } as const;
    session.fact({ ...broken, by: 'protocolError' });
    expect(session.state()).toBe('recovering');
  });

  it('S4: closes with a handshake and reports it', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    session.send({ type: 'session.close' });
    expect(session.did).toEqual(['connection.close']);
    session.fact({ ...lost(1, 1000), by: 'local' });
    expect(session.told.at(-2)).toEqual({ type: 'session.closed' });
    expect(session.did).toEqual(['connection.close', 'connection 1 stopped']);
  });

  it('S4: is closed after the deadline when the worker says nothing', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.send({ type: 'session.close' });
    session.clock.increment(CLOSE_MS + 500);
    expect(session.told.map(({ type }) => type)).toContain('session.closed');
  });

  it.each(['idle', 'recovering', 'lost'])('can be closed while it is %s', (state) => {
    const session = startSession();
    if (state !== 'idle') session.send({ type: 'session.connect' });
    if (state === 'recovering') {
      session.fact({ type: 'model.opened', connection: 1 });
      session.fact(lost(1));
    }
    if (state === 'lost') session.fact(lost(1, 1008));
    expect(session.state()).toBe(state);
    session.send({ type: 'session.close' });
    expect(session.told.map(({ type }) => type)).toContain('session.closed');
  });

  it('S2: leaves no connection behind, whatever state it is closed in', () => {
    const session = startSession();
    session.send({ type: 'session.connect' });
    session.fact({ type: 'model.opened', connection: 1 });
    session.fact(lost(1));
    session.clock.increment(250);
    session.send({ type: 'session.close' });
    session.fact({ ...lost(2), by: 'local' });
    expect(session.did.filter((what) => what.endsWith('stopped'))).toEqual([
      'connection 1 stopped',
      'connection 2 stopped',
    ]);
  });
});
