import { describe, expect, it } from 'vitest';
import { AUTHORISED, callId, callRecord, createHttpFixture, liveCall, NOON } from '../../fakes/http.ts';

const NOT_FOUND = {
  code: 'call_not_found',
  message: 'No call has this id.',
  detail: 'No call has this id.',
};

const WRONG_IDS = [
  'x',
  '1',
  'null',
  '..%2f..%2fetc%2fpasswd',
  callId(1).toUpperCase().replace('0', 'A'),
  `${callId(1)}0`,
  `${callId(1)}%00`,
  '00000000-0000-1000-8000-000000000001',
];

describe('the list of calls', () => {
  const fill = (count: number) => {
    const fixture = createHttpFixture();
    fixture.rows.calls.push(...Array.from({ length: count }, (_, n) => callRecord(n + 1)));
    return fixture;
  };
  const idsOf = (response: { json(): { calls: { callId: string }[] } }) => response.json().calls.map((c) => c.callId);

  it('D11: shows calls newest first, times in UTC with Z', async () => {
    const { get } = fill(2);
    const response = await get('/api/v1/calls');
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    const first = {
      callId: callId(2),
      direction: 'inbound',
      status: 'answered',
      callerNumber: '+359888123456',
      calledNumber: '+35924000000',
      startedAt: '2026-11-20T12:00:02.000Z',
      answeredAt: '2026-11-20T12:00:04.000Z',
      endedAt: '2026-11-20T12:01:04.400Z',
      durationSeconds: 60,
      cause: 'callerHungUp',
      live: null,
    };
    const second = {
      ...first,
      callId: callId(1),
      startedAt: '2026-11-20T12:00:01.000Z',
      answeredAt: '2026-11-20T12:00:03.000Z',
      endedAt: '2026-11-20T12:01:03.400Z',
    };
    expect(response.json()).toEqual({ calls: [first, second], nextCursor: null });
  });

  it('D10: asks the database once, however many calls are shown', async () => {
    const { get, rows, liveCalls } = fill(40);
    liveCalls.send({ type: 'call.appeared', call: liveCall(40) });
    expect((await get('/api/v1/calls')).json().calls).toHaveLength(40);
    expect(rows.asked).toEqual(['list']);
  });

  it('shows where a live call is', async () => {
    const { get, liveCalls } = fill(1);
    liveCalls.send({ type: 'call.appeared', call: liveCall(1, { turn: 'agentSpeaking' }) });
    expect((await get('/api/v1/calls')).json().calls[0].live).toEqual({ state: 'talking', turn: 'agentSpeaking' });
  });

  it('is empty without calls', async () => {
    const { get } = fill(0);
    expect((await get('/api/v1/calls')).json()).toEqual({ calls: [], nextCursor: null });
  });

  it('is walked page by page without repeating or skipping, also when a call comes in meanwhile', async () => {
    const { get, rows } = fill(5);
    const first = await get('/api/v1/calls?limit=2');
    rows.calls.push(callRecord(6));
    const second = await get(`/api/v1/calls?limit=2&cursor=${first.json().nextCursor}`);
    const third = await get(`/api/v1/calls?limit=2&cursor=${second.json().nextCursor}`);
    expect([first, second, third].map(idsOf)).toEqual([[callId(5), callId(4)], [callId(3), callId(2)], [callId(1)]]);
    expect(third.json().nextCursor).toBeNull();
  });

  it('has no next page when the last one is full', async () => {
    const { get } = fill(2);
    expect((await get('/api/v1/calls?limit=2')).json().nextCursor).toBeNull();
  });

  it('is filtered by status, direction, number and time', async () => {
    const { get, rows } = createHttpFixture();
    rows.calls.push(
      callRecord(1, { status: 'failed' }),
      callRecord(2, { direction: 'outbound' }),
      callRecord(3, { calledNumber: '+4420' }),
    );
    const asked = async (query: string) => idsOf(await get(`/api/v1/calls?${query}`));
    expect(await asked('status=failed')).toEqual([callId(1)]);
    expect(await asked('direction=outbound')).toEqual([callId(2)]);
    expect(await asked('number=%2B4420')).toEqual([callId(3)]);
    expect(await asked('number=+4420')).toEqual([callId(3)]);
    expect(await asked('startedFrom=2026-11-20T12:00:02Z')).toEqual([callId(3), callId(2)]);
    expect(await asked('startedBefore=2026-11-20T14:00:02%2B02:00')).toEqual([callId(1)]);
  });

  it.each([
    ['limit=0', 'limit must be 1 or more.'],
    ['limit=501', 'limit must be 500 or less.'],
    ['limit=', 'limit must be a whole number and given once.'],
    ['limit=1.5', 'limit must be a whole number and given once.'],
    ['limit=1e2', 'limit must be a whole number and given once.'],
    ['limit=null', 'limit must be a whole number and given once.'],
    ['limit=5&limit=6', 'limit must be a whole number and given once.'],
    [
      'status=ringed',
      'status must be one of pending, dialing, ringing, in_call, answered, rejected, busy, no_answer, failed, completed.',
    ],
    ['direction=', 'direction must be one of inbound, outbound.'],
    ['number=', 'number must have at least 1 characters.'],
    ['startedFrom=yesterday', 'startedFrom must be a time with zone, such as 2025-12-01T12:00:00Z.'],
    ['startedFrom=2026-11-20T12:00:02', 'startedFrom must be a time with zone, such as 2025-12-01T12:00:00Z.'],
    ['stauts=failed', 'stauts is not known here.'],
    ['cursor=x', 'cursor is not one that this list has given.'],
  ])('refuses ?%s with one sentence', async (query, message) => {
    const { get, rows } = createHttpFixture();
    const response = await get(`/api/v1/calls?${query}`);
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'invalid_request', message, detail: message });
    expect(rows.asked).toEqual([]);
  });

  it('names each wrong field', async () => {
    const { get } = createHttpFixture();
    expect((await get('/api/v1/calls?limit=0&direction=up')).json().errors).toEqual([
      { field: 'direction', message: 'direction must be one of inbound, outbound.' },
      { field: 'limit', message: 'limit must be 1 or more.' },
    ]);
  });
});

describe('one call', () => {
  it('shows its row when it is over', async () => {
    const { get, rows } = createHttpFixture();
    const outcome = { result: 'interested', notes: 'Обади се в петък' };
    rows.calls.push(callRecord(1, { outcome }));
    expect((await get(`/api/v1/calls/${callId(1)}`)).json()).toEqual({
      callId: callId(1),
      direction: 'inbound',
      status: 'answered',
      callerNumber: '+359888123456',
      calledNumber: '+35924000000',
      startedAt: '2026-11-20T12:00:01.000Z',
      answeredAt: '2026-11-20T12:00:03.000Z',
      endedAt: '2026-11-20T12:01:03.400Z',
      durationSeconds: 60,
      cause: 'callerHungUp',
      sipCallId: 'sip-1@127.0.0.1',
      causeDetail: null,
      answeredBy: null,
      outcome,
      recording: null,
      live: null,
      ledger: null,
    });
  });

  it('merges the live view into the row', async () => {
    const { get, rows, liveCalls } = createHttpFixture();
    rows.calls.push(callRecord(1, { status: 'in_call', endedAt: null, cause: null }));
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const detail = (await get(`/api/v1/calls/${callId(1)}`)).json();
    expect(detail).toMatchObject({ status: 'in_call', durationSeconds: null, ledger: null });
    const { ownerId: _ownerId, ...shown } = liveCall(1);
    expect(detail.live).toEqual({
      ...shown,
      startedAt: '2026-11-20T12:00:00.000Z',
      answeredAt: '2026-11-20T12:00:02.000Z',
    });
  });

  it('S1: is found from the moment it is live, before its row is read back', async () => {
    const { get, liveCalls } = createHttpFixture();
    liveCalls.send({ type: 'call.appeared', call: liveCall(1, { state: 'opening', answeredAt: null, turn: null }) });
    const response = await get(`/api/v1/calls/${callId(1)}`);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ callId: callId(1), status: 'pending', sipCallId: null });
  });

  it('shows the ledger for a minute after the end', async () => {
    const { get, rows, liveCalls, clock } = createHttpFixture();
    rows.calls.push(callRecord(1));
    liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    liveCalls.send({ type: 'call.gone', callId: callId(1), status: 'answered', cause: null, leaked: ['udp:40000'] });
    const ledger = async () => (await get(`/api/v1/calls/${callId(1)}`)).json().ledger;
    expect(await ledger()).toEqual({ endedAt: '2026-11-20T12:00:00.000Z', leaked: ['udp:40000'] });
    clock.now = NOON + 60_000;
    expect(await ledger()).toBeNull();
  });

  it('tells the state of its recording', async () => {
    const { get, rows } = createHttpFixture();
    rows.calls.push(callRecord(1));
    const file = { fileName: 'recording.wav', bytes: 100, sha256: null };
    const recording = { callId: callId(1), startedAt: null, durationMs: 900, failure: null };
    rows.recordings.set(callId(1), { ...recording, state: 'published', files: { stereo: file, mixed: file } });
    expect((await get(`/api/v1/calls/${callId(1)}`)).json().recording).toEqual({
      state: 'published',
      durationMs: 900,
      channels: ['stereo', 'mixed'],
      failureCode: null,
    });
  });

  it.each(WRONG_IDS)('answers 404 for the id %s without asking anybody', async (id) => {
    const { get, rows } = createHttpFixture();
    for (const tail of ['', '/timeline', '/transcript', '/recording']) {
      const response = await get(`/api/v1/calls/${id}${tail}`);
      expect([response.statusCode, response.json()]).toEqual([404, NOT_FOUND]);
    }
    expect(rows.asked).toEqual([]);
  });

  it('answers 404 for an unknown id', async () => {
    const { get } = createHttpFixture();
    const response = await get(`/api/v1/calls/${callId(9)}`);
    expect([response.statusCode, response.json()]).toEqual([404, NOT_FOUND]);
  });
});

describe('hanging up', () => {
  const hangUp = (fixture: ReturnType<typeof createHttpFixture>, n: number, init: object = {}) =>
    fixture.app.inject({ method: 'POST', url: `/api/v1/calls/${callId(n)}/hangup`, headers: AUTHORISED, ...init });

  it('is accepted for a live call, also while the database is out', async () => {
    const fixture = createHttpFixture();
    fixture.rows.failure = Object.assign(new Error('gone'), { code: 'unavailable' });
    fixture.liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const response = await hangUp(fixture, 1);
    expect([response.statusCode, response.json()]).toEqual([202, { callId: callId(1), state: 'talking' }]);
    expect(fixture.hungUp).toEqual([callId(1)]);
  });

  it('takes an empty body that is announced as JSON, and null', async () => {
    const fixture = createHttpFixture();
    fixture.liveCalls.send({ type: 'call.appeared', call: liveCall(1) });
    const headers = { ...AUTHORISED, 'content-type': 'application/json' };
    expect((await hangUp(fixture, 1, { headers })).statusCode).toBe(202);
    expect((await hangUp(fixture, 1, { headers, payload: 'null' })).statusCode).toBe(202);
    expect((await hangUp(fixture, 1, { headers, payload: '{"reason":null}' })).statusCode).toBe(202);
  });

  it('is 409 for a call that is over, 404 for one that never was', async () => {
    const fixture = createHttpFixture();
    fixture.rows.calls.push(callRecord(1));
    const over = await hangUp(fixture, 1);
    expect([over.statusCode, over.json().code]).toEqual([409, 'call_over']);
    const unknown = await hangUp(fixture, 2);
    expect([unknown.statusCode, unknown.json()]).toEqual([404, NOT_FOUND]);
    expect(fixture.hungUp).toEqual([]);
  });
});
