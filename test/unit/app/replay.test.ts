import { SimulatedClock } from 'xstate';
import { describe, expect, it } from 'vitest';
import { MACHINE_VERSIONS } from '#app/call-actors.ts';
import { createCallJournal } from '#app/call-journal.ts';
import { replay } from '#app/replay.ts';
import type { TransitionEntry } from '#domain/journal.ts';
import type { CallContext } from '#machines/call.types.ts';
import {
  alert,
  CALL_ID,
  finish,
  LEG_OPENED,
  LIMITS,
  startFakeCall,
  talk,
  type FakeCall,
} from '../../fakes/call-ports.fake.ts';

/** A call whose journal is kept in memory, as JSON would give it back. */
const startJournalledCall = (lost?: { call: FakeCall; entries: TransitionEntry[] }) => {
  const entries: TransitionEntry[] = [];
  const clock = lost ? lost.call.clock : new SimulatedClock();
  const journal = createCallJournal({
    callId: CALL_ID,
    epoch: lost ? 2 : 1,
    journal: { append: (entry) => void entries.push(JSON.parse(JSON.stringify(entry)) as TransitionEntry) },
    versions: MACHINE_VERSIONS,
    now: () => new Date(clock.now()),
    ...(lost
      ? {
          from: {
            seq: lost.entries.length,
            incarnations: Object.fromEntries(lost.entries.map(({ actorPath }) => [actorPath, 1])),
          },
        }
      : {}),
  });
  const context = lost && (JSON.parse(JSON.stringify(lost.call.context())) as CallContext);
  const call = startFakeCall({
    inspect: journal.inspect,
    clock,
    ...(lost && context
      ? { lost: { context: { ...context, was: lost.call.state() ?? null, epoch: 2 }, atMs: clock.now() } }
      : {}),
  });
  const rows = () => entries.map((entry) => ({ ...entry, at: new Date(entry.at) }));
  return { call, entries, rows };
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the replay of a call', () => {
  it('rebuilds every state of every actor from the journal alone', async () => {
    const { call, rows } = startJournalledCall();
    await talk(call);
    call.clock.increment(1_000);
    call.fact('media', { type: 'caller.startedSpeaking', atMs: 1_000 });
    call.send({ type: 'callee.refused', status: 486, reason: 'not now' });
    call.send({ type: 'caller.hungUp', reason: null });
    await finish(call);
    await call.commit('outcome');
    const all = rows();
    for (let count = 1; count <= all.length; count += 1) {
      expect((await replay(all.slice(0, count))).flatMap(({ diverged }) => diverged)).toEqual([]);
    }
    const { resumptionHandle: _hidden, ...context } = call.context();
    expect(plain((await replay(all)).find(({ actorPath }) => actorPath === 'call'))).toMatchObject({
      state: 'ended',
      context: plain(context),
    });
  });

  it('follows a call over the loss of its process', async () => {
    const first = startJournalledCall();
    await talk(first.call);
    const second = startJournalledCall({ call: first.call, entries: first.entries });
    second.call.send({ type: 'call.recover' });
    second.call.fact('media', LEG_OPENED);
    second.call.tell('signalling', { type: 'dialog.restored' });
    const actors = await replay([...first.rows(), ...second.rows()]);
    expect(actors.flatMap(({ diverged }) => diverged)).toEqual([]);
    expect(actors.find(({ actorPath }) => actorPath === 'call')).toMatchObject({ incarnation: 2, machine: 'call' });
    expect(second.call.state()).toBe('talking');
  });

  it('says where the present machine would have gone another way, and goes on from what was recorded', async () => {
    const { call, rows } = startJournalledCall();
    await alert(call);
    call.clock.increment(LIMITS.answerDelayMs);
    const recorded = rows().map((row) =>
      row.toState === 'alerting' ? { ...row, toState: '{"hangingUp":"sayingGoodbye"}' } : row,
    );
    const diverged = (await replay(recorded)).flatMap((actor) => actor.diverged);
    expect(diverged[0]).toMatchObject({ recorded: '{"hangingUp":"sayingGoodbye"}', computed: 'alerting' });
  });

  it('C19: lets whatever live calls wait for pass between the transitions of a long journal', async () => {
    const { call, rows } = startJournalledCall();
    await talk(call);
    for (let second = 0; second < 500; second += 1) {
      call.fact('media', { type: 'playout.heard', turn: 1, heardMs: second * 1_000 });
    }
    let passed = 0;
    const count = () => {
      passed += 1;
      waiting = setImmediate(count);
    };
    let waiting = setImmediate(count);
    await replay(rows());
    clearImmediate(waiting);
    expect(passed).toBeGreaterThan(10);
  });

  it('shows an actor whose machine it does not know by its recorded state alone', async () => {
    const { call, rows } = startJournalledCall();
    await alert(call);
    const [row] = rows();
    const stranger = { ...row, machine: 'forgotten', actorPath: 'call/stranger', toState: 'dreaming' };
    expect(await replay([stranger as NonNullable<typeof row>])).toMatchObject([{ state: 'dreaming', context: null }]);
  });
});
