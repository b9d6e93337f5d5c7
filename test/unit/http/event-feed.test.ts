import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveCallsStore } from '#app/live-calls.store.ts';
import { createEventFeed, type EventWishes } from '#http/event-feed.ts';
import { callId, liveCall, NOON } from '../../fakes/http.ts';

const EVERYTHING = { scope: { kind: 'everyone' }, everyMs: null, hasTranscripts: true } as const;

const start = (change: { maxStreams?: number; maxBufferedBytes?: number } = {}) => {
  const liveCalls = createLiveCallsStore({ now: () => NOON });
  const limits = { heartbeatMs: 15_000, maxStreams: 10, maxBufferedBytes: 100_000, ...change };
  const clock = { now: NOON };
  const feed = createEventFeed({ liveCalls, now: () => clock.now, ...limits });
  const open = (lastEventId?: string, only: number | null = null, wishes: Partial<EventWishes> = {}) => {
    const callOnly = only === null ? null : callId(only);
    const stream = feed.open({ ...EVERYTHING, lastEventId, callId: callOnly, ...wishes });
    if (!stream) throw new Error('refused');
    return stream;
  };
  return { liveCalls, feed, open, clock };
};

const read = (stream: Readable) => String(stream.read() ?? '');

/** What an `EventSource` makes of the text. */
const eventsIn = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2))))
    .map(({ id, event, data }) => ({ id, event, data: JSON.parse(String(data)) }));

const idPrefix = NOON.toString(36);
const shown = (n: number) => ({
  ...liveCall(n),
  startedAt: '2026-11-20T12:00:00.000Z',
  answeredAt: '2026-11-20T12:00:02.000Z',
});
const at = '2026-11-20T12:00:00.000Z';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a stream of events', () => {
  it('begins with the calls that are live', () => {
    const { liveCalls, open } = start();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const text = read(open());
    expect(text.startsWith('retry: 3000\n\n')).toBe(true);
    expect(eventsIn(text)).toEqual([{ id: `${idPrefix}-1`, event: 'snapshot', data: { at, calls: [shown(1)] } }]);
  });

  it('tells states, segments and ends, each with an id of its own', () => {
    const { liveCalls, open } = start();
    const stream = open();
    read(stream);
    const segment = { index: 0, speaker: 'agent', text: 'a\nb', startMs: 0, endMs: 9, interrupted: false } as const;
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    liveCalls.send({ type: 'transcript.added', callId: callId(1), segment });
    liveCalls.send({ type: 'call.gone', callId: callId(1), status: 'answered', cause: 'callerHungUp', leaked: [] });
    const ended = { at, callId: callId(1), status: 'answered', cause: 'callerHungUp', leaked: [] };
    expect(eventsIn(read(stream))).toEqual([
      { id: `${idPrefix}-1`, event: 'call.state', data: { at, call: shown(1) } },
      { id: `${idPrefix}-2`, event: 'transcript.segment', data: { at, callId: callId(1), segment } },
      { id: `${idPrefix}-3`, event: 'call.ended', data: ended },
    ]);
  });

  it('tells how far campaigns are, but not whoever wants to hear of one call only', () => {
    const { liveCalls, open } = start();
    const [all, one] = [open(), open(undefined, 1)];
    for (const stream of [all, one]) read(stream);
    const progress = { campaignId: 7, state: 'running', inProgress: 2, waiting: 5, cause: null, outcomes: null };
    liveCalls.send({ type: 'campaign.moved', progress });
    expect(eventsIn(read(all)).map(({ event, data }) => [event, data])).toEqual([
      ['campaign.progress', { at, ...progress }],
    ]);
    expect(eventsIn(read(one))).toEqual([]);
  });

  it('can be about one call only', () => {
    const { liveCalls, open } = start();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const stream = open(undefined, 2);
    liveCalls.send({ type: 'call.changed', callId: callId(1), change: { turn: 'thinking' } });
    liveCalls.send({ type: 'call.appeared', call: liveCall(2) });
    const events = eventsIn(read(stream));
    expect(events.map(({ event, data }) => [event, data.calls ?? data.call.callId])).toEqual([
      ['snapshot', []],
      ['call.state', callId(2)],
    ]);
  });

  it('tells a reader with a pace once in that time what each call has come to, in the order of the ids', () => {
    const { liveCalls, open } = start();
    for (const n of [1, 2]) liveCalls.send({ type: 'call.appeared', call: liveCall(n) });
    const stream = open(undefined, null, { everyMs: 1_000 });
    read(stream);
    const turnOf = (n: number, turn: 'thinking' | 'greeting' | 'agentSpeaking') =>
      liveCalls.send({ type: 'call.changed', callId: callId(n), change: { turn } });
    const told = () =>
      eventsIn(read(stream)).map(({ id, data }) => [id, data.call?.callId ?? data.callId, data.call?.turn ?? 'ended']);
    turnOf(1, 'thinking');
    turnOf(2, 'thinking');
    turnOf(1, 'greeting');
    expect(told()).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(told()).toEqual([
      [`${idPrefix}-4`, callId(2), 'thinking'],
      [`${idPrefix}-5`, callId(1), 'greeting'],
    ]);
    turnOf(1, 'agentSpeaking');
    liveCalls.send({ type: 'call.gone', callId: callId(2), status: 'answered', cause: 'callerHungUp', leaked: [] });
    vi.advanceTimersByTime(999);
    expect(told()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told()).toEqual([
      [`${idPrefix}-6`, callId(1), 'agentSpeaking'],
      [`${idPrefix}-7`, callId(2), 'ended'],
    ]);
    stream.destroy();
  });

  it('tells only of calls that its reader may see, and of words only whoever wants them', () => {
    const { liveCalls, open } = start();
    const scope = { kind: 'owners', ids: [7] } as const;
    liveCalls.send({ type: 'call.appeared', call: liveCall(1, { ownerId: 7 }) });
    liveCalls.send({ type: 'call.appeared', call: liveCall(2, { ownerId: 8 }) });
    const [own, silent] = [open(undefined, null, { scope }), open(undefined, null, { scope, hasTranscripts: false })];
    const back = open(`${idPrefix}-0`, null, { scope });
    const segment = { index: 0, speaker: 'agent', text: 'a', startMs: 0, endMs: 9, interrupted: false } as const;
    for (const n of [1, 2, 3]) {
      liveCalls.send({ type: 'transcript.added', callId: callId(n), segment });
      liveCalls.send({ type: 'call.gone', callId: callId(n), status: 'answered', cause: null, leaked: [] });
    }
    liveCalls.send({
      type: 'campaign.moved',
      progress: { campaignId: 7, state: 'x', inProgress: 0, waiting: 0, cause: null, outcomes: null },
    });
    const names = (stream: Readable) => {
      const events = eventsIn(read(stream));
      expect(JSON.stringify(events)).not.toMatch(new RegExp(`${callId(2)}|campaignId`));
      return events.map(({ event }) => event);
    };
    expect(names(own)).toEqual(['snapshot', 'transcript.segment', 'call.ended']);
    expect(names(silent)).toEqual(['snapshot', 'call.ended']);
    expect(names(back)).toEqual(['call.state', 'snapshot', 'transcript.segment', 'call.ended']);
  });

  it('gives a reader that comes back what it missed, then the snapshot', () => {
    const { liveCalls, open } = start();
    for (const n of [1, 2, 3]) liveCalls.send({ type: 'call.appeared', call: liveCall(n) });
    const events = eventsIn(read(open(`${idPrefix}-1`)));
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      [`${idPrefix}-2`, 'call.state'],
      [`${idPrefix}-3`, 'call.state'],
      [`${idPrefix}-3`, 'snapshot'],
    ]);
  });

  it.each(['another-1', '', 'x', `${idPrefix}-`, `${idPrefix}-NaN`, `${idPrefix}--5`])(
    'gives only the snapshot to a reader that has seen %j last',
    (lastEventId) => {
      const { liveCalls, open } = start();
      for (let n = 0; n < 600; n += 1) liveCalls.send({ type: 'call.appeared', call: liveCall(n % 3) });
      expect(eventsIn(read(open(lastEventId))).map(({ event }) => event)).toEqual(['snapshot']);
    },
  );

  it('gives only the snapshot when what was missed is not kept any more', () => {
    const { liveCalls, open } = start({ maxBufferedBytes: 1_000_000 });
    for (let n = 0; n < 600; n += 1) liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    expect(eventsIn(read(open(`${idPrefix}-99`)))).toHaveLength(1);
    expect(eventsIn(read(open(`${idPrefix}-100`)))).toHaveLength(501);
  });

  it('is kept open by a comment every 15 seconds', () => {
    const { open } = start();
    const stream = open();
    read(stream);
    vi.advanceTimersByTime(14_999);
    expect(read(stream)).toBe('');
    vi.advanceTimersByTime(1);
    expect(read(stream)).toBe(': keep-alive\n\n');
  });

  it('ends after ten minutes for a tenant, who opens it again if that is still allowed', async () => {
    const { feed, open, clock } = start();
    const scope = { kind: 'owners', ids: [7] } as const;
    const [own, all] = [open(undefined, null, { scope }), open()];
    const over = vi.fn();
    own.once('end', over);
    for (const stream of [own, all]) stream.resume();
    clock.now += 11 * 60_000;
    vi.advanceTimersByTime(15_000);
    await vi.waitUntil(() => feed.streamCount() === 1);
    expect(over).toHaveBeenCalledOnce();
    all.destroy();
  });

  it('S2: leaves no timer behind when the last reader is gone', async () => {
    const { open, feed } = start();
    const streams = [open(), open()];
    expect(vi.getTimerCount()).toBe(1);
    for (const stream of streams) stream.destroy();
    await vi.waitUntil(() => feed.streamCount() === 0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is cut when its reader is too slow, without harm to the others', async () => {
    const { liveCalls, feed, open } = start({ maxBufferedBytes: 5_000 });
    const slow = open();
    const quick = open();
    read(quick);
    for (let n = 0; n < 30; n += 1) {
      liveCalls.send({ type: 'call.appeared', call: liveCall(n) });
      expect(read(quick)).toContain(callId(n));
    }
    expect([slow.destroyed, quick.destroyed]).toEqual([true, false]);
    await vi.waitUntil(() => feed.streamCount() === 1);
  });

  it('is refused when too many are open, and after the end', () => {
    const { feed, open } = start({ maxStreams: 1 });
    open();
    expect(feed.open({ ...EVERYTHING, lastEventId: undefined, callId: null })).toBeNull();
    feed.close();
    expect(start().feed.streamCount()).toBe(0);
    expect(feed.open({ ...EVERYTHING, lastEventId: undefined, callId: null })).toBeNull();
  });

  it('ends when the server closes, and nothing is told any more', async () => {
    const { feed, liveCalls, open } = start();
    const stream = open();
    const ended = new Promise((resolve) => stream.once('end', resolve));
    feed.close();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    expect(eventsIn(read(stream)).map(({ event }) => event)).toEqual(['snapshot']);
    stream.resume();
    await ended;
    expect(vi.getTimerCount()).toBe(0);
  });
});
