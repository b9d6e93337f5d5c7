import { describe, expect, it } from 'vitest';
import { createLiveCallsStore, TOMBSTONE_MS } from '#app/live-calls.store.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import { callId, liveCall, NOON } from '../../fakes/http.ts';

const start = () => {
  const clock = { now: NOON };
  const store = createLiveCallsStore({ now: () => clock.now });
  const told: unknown[] = [];
  store.on('*', (event) => told.push(event));
  return { clock, store, told };
};

const gone = (n: number, leaked: readonly string[] = []) =>
  ({ type: 'call.gone', callId: callId(n), status: 'answered', cause: 'callerHungUp', leaked }) as const;

const segment: TranscriptSegment = {
  index: 0,
  speaker: 'user',
  text: 'Добър ден',
  startMs: 0,
  endMs: 900,
  interrupted: false,
};

describe('live calls', () => {
  it('lists calls in the order in which they appeared', () => {
    const { store } = start();
    store.send({ type: 'call.appeared', call: liveCall(2) });
    store.send({ type: 'call.appeared', call: liveCall(1) });
    expect(store.list()).toEqual([liveCall(2), liveCall(1)]);
    expect(store.count()).toBe(2);
  });

  it('tells a change of state and keeps the rest of the call', () => {
    const { store, told } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    store.send({ type: 'call.changed', callId: callId(1), change: { turn: 'agentSpeaking' } });
    const after = liveCall(1, { turn: 'agentSpeaking' });
    expect(store.find(callId(1))).toEqual(after);
    expect(told).toEqual([
      { type: 'call.state', call: liveCall(1), at: NOON },
      { type: 'call.state', call: after, at: NOON },
    ]);
  });

  it('keeps a new measurement without telling it', () => {
    const { store, told } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    const quality = { packetsReceived: 50, mos: 4.4 } as never;
    store.send({ type: 'call.changed', callId: callId(1), change: { quality } });
    expect(store.find(callId(1))?.quality).toBe(quality);
    expect(told).toHaveLength(1);
  });

  it('does not change for a report of what is known already', () => {
    const { store, told } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    const before = store.getSnapshot().context;
    store.send({ type: 'call.changed', callId: callId(1), change: { state: 'talking', turn: 'listening' } });
    expect(store.getSnapshot().context).toBe(before);
    expect(told).toHaveLength(1);
  });

  it('does not bring back a call that is gone when a late report comes', () => {
    const { store, told } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    store.send(gone(1));
    store.send({ type: 'call.changed', callId: callId(1), change: { state: 'talking' } });
    store.send(gone(1, ['udp:40000']));
    expect(store.list()).toEqual([]);
    expect(store.findEnded(callId(1))?.leaked).toEqual([]);
    expect(told).toHaveLength(2);
  });

  it('tells segments of the transcript', () => {
    const { store, told } = start();
    store.send({ type: 'transcript.added', callId: callId(1), segment });
    expect(told).toEqual([{ type: 'transcript.segment', callId: callId(1), segment, at: NOON }]);
  });
});

describe('tombstones', () => {
  it('holds the final ledger of an ended call', () => {
    const { store, told } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    store.send(gone(1, ['udp:40000']));
    const ended = {
      callId: callId(1),
      endedAt: NOON,
      status: 'answered',
      cause: 'callerHungUp',
      leaked: ['udp:40000'],
      last: liveCall(1),
    };
    expect(store.findEnded(callId(1))).toEqual(ended);
    expect(told.at(-1)).toEqual({ type: 'call.ended', ended });
  });

  it('is there for who hears of the end', () => {
    const { store } = start();
    const found: unknown[] = [];
    store.on('call.ended', ({ ended }) => found.push(store.findEnded(ended.callId) === ended));
    store.send({ type: 'call.appeared', call: liveCall(1) });
    store.send(gone(1));
    expect(found).toEqual([true]);
  });

  it('is there for less than a minute', () => {
    const { store, clock } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    store.send(gone(1));
    clock.now = NOON + TOMBSTONE_MS - 1;
    expect(store.findEnded(callId(1))).toBeDefined();
    clock.now = NOON + TOMBSTONE_MS;
    expect(store.findEnded(callId(1))).toBeUndefined();
  });

  it('is dropped from memory when the next call ends', () => {
    const { store, clock } = start();
    store.send({ type: 'call.appeared', call: liveCall(1) });
    store.send(gone(1));
    clock.now = NOON + TOMBSTONE_MS;
    store.send({ type: 'call.appeared', call: liveCall(2) });
    store.send(gone(2));
    expect(store.findEnded(callId(2))).toBeDefined();
    expect(store.remembered()).toBe(1);
  });
});
