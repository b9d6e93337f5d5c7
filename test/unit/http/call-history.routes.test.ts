import { expect, it } from 'vitest';
import { callId, callRecord, createHttpFixture, liveCall, transition } from '../../fakes/http.ts';

const url = (tail: string, n = 1) => `/api/v1/calls/${callId(n)}/${tail}`;

it('D11: shows transitions in order, times in UTC with Z', async () => {
  const { get, rows } = createHttpFixture();
  rows.transitions.push(transition(1, 0), transition(1, 1), transition(2, 0));
  const response = await get(url('timeline'));
  expect(response.statusCode).toBe(200);
  const shown = {
    seq: 0,
    at: '2026-11-20T12:00:00.000Z',
    epoch: 1,
    machine: 'call',
    machineVersion: 1,
    actorPath: 'call',
    incarnation: 1,
    eventType: 'caller.hungUp',
    event: { type: 'caller.hungUp', reason: null },
    fromState: 'talking',
    toState: 'closing',
    ignored: false,
  };
  const transitions = [shown, { ...shown, seq: 1, at: '2026-11-20T12:00:00.001Z' }];
  expect(response.json()).toEqual({ callId: callId(1), transitions, nextCursor: null });
  expect(rows.asked).toEqual(['timeline']);
});

it('pages a timeline to its end', async () => {
  const { get, rows } = createHttpFixture();
  rows.transitions.push(...[0, 1, 2, 3, 4].map((seq) => transition(1, seq)));
  const seen: number[][] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { transitions: { seq: number }[]; nextCursor: string | null } = (
      await get(url(`timeline?limit=2${cursor && `&cursor=${cursor}`}`))
    ).json();
    seen.push(page.transitions.map(({ seq }) => seq));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([[0, 1], [2, 3], [4]]);
});

it('shows an empty timeline and transcript of a call that has just begun', async () => {
  const { get, liveCalls } = createHttpFixture();
  liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
  expect((await get(url('timeline'))).json()).toEqual({ callId: callId(1), transitions: [], nextCursor: null });
  expect((await get(url('transcript'))).json()).toEqual({ callId: callId(1), complete: false, segments: [] });
});

it('shows what was said, in any script, and that no more will come', async () => {
  const { get, rows } = createHttpFixture();
  rows.calls.push(callRecord(1));
  const segments = [
    { index: 0, speaker: 'agent' as const, text: 'Здравейте! 👋', startMs: 0, endMs: 1200, interrupted: true },
    { index: 1, speaker: 'user' as const, text: 'مرحبا', startMs: 1100, endMs: 2000.5, interrupted: false },
  ];
  rows.segments.set(callId(1), segments);
  const response = await get(url('transcript'));
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(response.json()).toEqual({ callId: callId(1), complete: true, segments });
  expect(response.body).toContain('Здравейте! 👋');
});

it.each(['timeline', 'transcript'])('answers 404 for the %s of an unknown call', async (tail) => {
  const { get } = createHttpFixture();
  const response = await get(url(tail));
  expect([response.statusCode, response.json().code]).toEqual([404, 'call_not_found']);
});

it.each(['limit=0', 'limit=1001', 'cursor=x', 'page=1'])('refuses ?%s of a timeline', async (query) => {
  const { get, rows } = createHttpFixture();
  const response = await get(url(`timeline?${query}`));
  expect([response.statusCode, response.json().code]).toEqual([422, 'invalid_request']);
  expect(rows.asked).toEqual([]);
});
