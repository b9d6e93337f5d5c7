import { fromCallback, fromPromise, type InputFrom } from 'xstate';
import { describe, expect, it, vi } from 'vitest';
import { createCommitActor } from '#actors/commit.actor.ts';
import { createActorRoster } from '#app/actor-roster.ts';
import { createCallRegistry } from '#app/call-registry.ts';
import { createLiveCallsStore } from '#app/live-calls.store.ts';
import type { CallId } from '#domain/call.ts';
import { createResourceLedger } from '#domain/resource-ledger.ts';
import { createCallMachine } from '#machines/call.machine.ts';
import type { CallActors } from '#machines/call.ports.ts';
import type { MediaLegCommand, SignallingCommand } from '#machines/call.types.ts';
import { createModelSessionMachine } from '#machines/model-session.machine.ts';
import { createRecordingMachine } from '#machines/recording.machine.ts';
import { createTranscriptionMachine } from '#machines/transcription.machine.ts';
import { INVITE, LEG_OPENED, LIMITS } from '../../fakes/call-ports.fake.ts';
import { createFakeJournal } from '../../fakes/journal.fake.ts';

type SignallingInput = InputFrom<CallActors['signallingLeg']>;
type MediaInput = InputFrom<CallActors['mediaLeg']>;

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: vi.fn() };

/** Reading it throws, so that the action that takes it crashes the machine. */
const BROKEN_FACT = Object.defineProperty({ ...LEG_OPENED }, 'rtp', {
  get: () => {
    throw new Error('the port is broken');
  },
});

/** A registry whose calls ring and then wait; `faulty` names the call whose port, or whose media leg as a whole, is broken. */
const startRegistry = ({ faultyPort = -1, faultyLeg = -1, maxCalls = 10 } = {}) => {
  const fake = createFakeJournal();
  const ledger = createResourceLedger();
  const liveCalls = createLiveCallsStore();
  const released: string[] = [];
  const refused: number[] = [];
  const ended: { status: string; leaked: readonly string[] }[] = [];
  let count = 0;
  const signalled: SignallingCommand[] = [];

  const callLogic = createCallMachine({
    now: Date.now,
    actors: {
      commit: createCommitActor({ journal: fake.journal }),
      changeTrunk: fromPromise(async () => true),
      signallingLeg: fromCallback<SignallingCommand, SignallingInput>(({ input, receive, sendBack }) => {
        const entry = ledger.register(input.callId, 'signalling leg', () => released.push(input.callId));
        receive((command) => {
          signalled.push(command);
          if (command.type === 'signalling.hangUp') sendBack({ type: 'signalling.hungUp', status: 200 });
          if (command.type === 'signalling.refuse') sendBack({ type: 'signalling.refused' });
        });
        return () => entry[Symbol.dispose]();
      }),
      mediaLeg: fromCallback<MediaLegCommand, MediaInput>(({ receive, sendBack }) => {
        const index = count++;
        receive((command) => {
          if (command.type === 'media.release') sendBack({ type: 'leg.closed', leaked: [], statistics: null });
        });
        if (index === faultyLeg) throw new Error('the media leg is broken');
        queueMicrotask(() => sendBack(index === faultyPort ? BROKEN_FACT : LEG_OPENED));
      }),
      modelSession: createModelSessionMachine({ now: Date.now, actors: { liveConnection: fromCallback(() => {}) } }),
      recording: createRecordingMachine({
        actors: {
          recorder: fromCallback(() => {}),
          publishRecording: fromPromise(async () => ({ path: 'x' })),
          reportFailedRecording: fromPromise(async () => {}),
        },
      }),
      transcription: createTranscriptionMachine({
        actors: {
          transcriptKeeper: fromCallback(({ receive, sendBack }) => {
            receive(() => sendBack({ type: 'transcript.flushed', segments: 0 }));
          }),
        },
      }),
    },
  });

  const ids = [1, 2, 3, 4].map((n) => `417252eb-ca15-4ca7-b518-a5e053ad59d${n}` as CallId);
  const registry = createCallRegistry({
    callLogic,
    journal: fake.journal,
    ledger,
    liveCalls,
    roster: createActorRoster(),
    log,
    nodeId: 'node',
    limits: { ...LIMITS, modelCloseMs: 0 },
    language: 'en-US',
    answeringMachine: 'continue',
    maxCalls,
    newCallId: () => ids.shift() as CallId,
    now: Date.now,
    refuse: (_invite, status) => refused.push(status),
    onEnded: ({ status, leaked }) => ended.push({ status, leaked }),
  });
  return { ...fake, registry, ledger, liveCalls, released, refused, ended, signalled };
};

const stateOf = (liveCalls: ReturnType<typeof createLiveCallsStore>, callId: string) =>
  liveCalls.getSnapshot().context.calls.get(callId as CallId)?.state;

const FIRST = '417252eb-ca15-4ca7-b518-a5e053ad59d1';
const SECOND = '417252eb-ca15-4ca7-b518-a5e053ad59d2';

describe('the call registry', () => {
  it('C14: a call with a crashed child is settled as failed, and no other call notices', async () => {
    const { registry, liveCalls, ended, snapshots, takers } = startRegistry({ faultyLeg: 0 });
    registry.accept(INVITE);
    registry.accept({ ...INVITE, sipCallId: 'sip-2' });
    await expect.poll(() => stateOf(liveCalls, SECOND)).toBe('alerting');

    expect(ended).toEqual([{ status: 'failed', leaked: [] }]);
    await expect.poll(() => takers.has(FIRST as CallId)).toBe(false);
    expect(snapshots.get(FIRST as CallId)?.row).toMatchObject({
      status: 'failed',
      cause: 'fault',
      causeDetail: 'the media leg is broken',
    });
  });

  it('C14: what a call held whose machine throws is released from its ledger', async () => {
    const { registry, liveCalls, released, ended, snapshots, takers } = startRegistry({ faultyPort: 0 });
    registry.accept(INVITE);
    registry.accept({ ...INVITE, sipCallId: 'sip-2' });
    await expect.poll(() => stateOf(liveCalls, SECOND)).toBe('alerting');

    expect(ended).toEqual([{ status: 'failed', leaked: ['signalling leg'] }]);
    expect(released).toEqual([FIRST]);
    await expect.poll(() => takers.has(FIRST as CallId)).toBe(false);
    expect(snapshots.get(FIRST as CallId)).toMatchObject({
      state: 'ended',
      row: { status: 'failed', cause: 'fault', causeDetail: 'the port is broken' },
    });
    expect(registry.size).toBe(1);
  });

  it('C13: refuses with 503 at capacity, and takes calls again once one has ended', async () => {
    const { registry, refused, liveCalls, ended } = startRegistry({ maxCalls: 1 });
    registry.accept(INVITE);
    registry.accept(INVITE);
    expect(refused).toEqual([503]);
    await expect.poll(() => stateOf(liveCalls, FIRST)).toBe('alerting');
    registry.hangUp(FIRST as CallId);
    await expect.poll(() => ended).toEqual([{ status: 'failed', leaked: [] }]);
    registry.accept(INVITE);
    expect(refused).toEqual([503]);
    expect(registry.size).toBe(1);
  });

  it('D12: refuses new calls while nothing could be kept of them', () => {
    const { registry, refused, state } = startRegistry();
    state.isAvailable = false;
    registry.accept(INVITE);
    expect(refused).toEqual([503]);
    expect(registry.size).toBe(0);
  });

  it('numbers the transitions of all machines of a call without a gap, each actor beginning with its input', async () => {
    const { registry, entries, liveCalls, ended } = startRegistry();
    registry.accept(INVITE);
    await expect.poll(() => stateOf(liveCalls, FIRST)).toBe('alerting');
    registry.hangUp(FIRST as CallId);
    await expect.poll(() => ended).toHaveLength(1);

    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    const firsts = new Map(entries.toReversed().map((entry) => [entry.actorPath, entry]));
    expect([...firsts.values()].map(({ eventType }) => eventType)).toEqual(Array(4).fill('xstate.init'));
    expect([...firsts.keys()].toSorted()).toEqual(['call', 'call/model', 'call/recording', 'call/transcription']);
    expect(entries.at(-1)).toMatchObject({ actorPath: 'call', toState: 'ended', machine: 'call', epoch: 1 });
  });

  it('C17: begins a call anew where it is when its media worker is gone, under the same epoch', async () => {
    const { registry, liveCalls, entries, snapshots, ended, released, signalled } = startRegistry();
    registry.accept(INVITE);
    await expect.poll(() => stateOf(liveCalls, FIRST)).toBe('alerting');
    registry.rejoin(FIRST as CallId);
    // A call that had not been answered is refused rather than left ringing.
    await expect.poll(() => ended).toEqual([{ status: 'failed', leaked: [] }]);
    expect(snapshots.get(FIRST as CallId)).toMatchObject({ state: 'ended', seq: entries.length });
    expect(signalled.at(-1)).toMatchObject({ type: 'signalling.refuse', status: 503 });
    expect(released).toEqual([]);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    const roots = entries.filter(({ actorPath, eventType }) => actorPath === 'call' && eventType === 'xstate.init');
    expect(roots.map(({ incarnation, epoch, toState }) => [incarnation, epoch, toState])).toEqual([
      [1, 1, '{"opening":"bindingMedia"}'],
      [2, 1, 'restored'],
    ]);
  });

  it('C17: drops a call that another process owns without a word', async () => {
    const { registry, liveCalls, ended, released, signalled } = startRegistry();
    registry.accept(INVITE);
    await expect.poll(() => stateOf(liveCalls, FIRST)).toBe('alerting');
    const before = signalled.length;
    registry.abandon(FIRST as CallId);
    expect(registry.size).toBe(0);
    expect([ended, released, signalled.length]).toEqual([[], [], before]);
  });

  it('ends the calls that are left when the drain time is over', async () => {
    const { registry, liveCalls, signalled } = startRegistry();
    registry.accept(INVITE);
    await expect.poll(() => stateOf(liveCalls, FIRST)).toBe('alerting');
    await registry.drain({ afterMs: 0 });
    expect(registry.size).toBe(0);
    expect(signalled.at(-1)).toEqual({ type: 'signalling.refuse', status: 503, retryAfterSeconds: 5 });
  });
});
