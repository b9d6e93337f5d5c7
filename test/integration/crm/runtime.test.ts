import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { LiveCall } from '#app/live-calls.store.ts';
import { summarise } from '#domain/call-latency.ts';
import { liveCall } from '../../fakes/http.ts';
import { createSessionRig, type SessionRig } from '../../fakes/session-rig.ts';

let rig: SessionRig;
const STARTED = Date.UTC(2026, 10, 20, 12);

beforeAll(async () => {
  rig = await createSessionRig({ PHONE_NUMBER: '+35924000000', PUBLIC_IP: '192.0.2.1' });
});
afterEach(() => {
  for (const { callId } of rig.liveCalls.list()) {
    rig.liveCalls.trigger['call.gone']({ callId, status: 'answered', cause: null, leaked: [] });
  }
});
afterAll(() => rig.close());

const begin = (n: number, change: Partial<LiveCall> = {}) => {
  const call = liveCall(n, { startedAt: STARTED, ...change });
  rig.liveCalls.trigger['call.appeared']({ call });
  return call;
};

it('lists live calls in scope, as far as their dialogs have come, and forgets them when they close', async () => {
  const mine = begin(1, { ownerId: rig.ids.anna });
  begin(2, { ownerId: rig.ids.bob, state: 'answering' });
  const closing = begin(3, { ownerId: rig.ids.anna, state: 'ringing' });
  const sessions = async (name: Parameters<SessionRig['as']>[0]) => (await rig.as(name).get('/api/sessions')).json();
  expect(await sessions('anna')).toEqual({
    status: 'success',
    active_sessions: 2,
    sessions: [
      {
        session_id: mine.callId,
        caller_id: '+359888123456',
        called_number: '+35924000000',
        start_time: '2026-11-20T12:00:00.000Z',
        status: 'active',
        duration_seconds: expect.any(Number),
      },
      expect.objectContaining({ session_id: closing.callId, status: 'connecting' }),
    ],
  });
  expect((await sessions('bolt')).sessions).toMatchObject([{ status: 'waiting_for_ack' }]);
  expect(await sessions('ida')).toMatchObject({ active_sessions: 0, sessions: [] });
  expect(await sessions('root')).toMatchObject({ active_sessions: 3 });
  rig.liveCalls.trigger['call.changed']({ callId: closing.callId, change: { state: 'closing' } });
  expect(await sessions('acme')).toMatchObject({ active_sessions: 1 });
  expect((await rig.as('acme').get('/health')).json()).toMatchObject({ active_sessions: 1 });
});

it('tells /health in full to who is logged in, addresses to the superadmin, and never answers 401', async () => {
  const known = (await rig.as('anna').get('/health')).json();
  expect(known).toEqual({
    status: 'healthy',
    active_sessions: 0,
    phone_number: '+35924000000',
    local_ip: null,
    gate_voip: null,
    transcription_available: true,
    transcription_method: 'command',
    transcription_model: null,
    greeting_generator_available: false,
    greeting_generator_method: null,
    audio_preprocessing: {
      enabled: true,
      features: expect.any(Array),
      purpose: expect.any(String),
      latency_optimizations: expect.any(Array),
    },
    timestamp: expect.stringMatching(/Z$/),
  });
  expect((await rig.as('root').get('/health')).json()).toMatchObject({ local_ip: '192.0.2.1', gate_voip: null });
  for (const client of [rig.anonymous, rig.withToken('wrong')]) {
    const answer = await client.get('/health');
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([200, ['status', 'timestamp']]);
  }
});

it('hides addresses in the configuration from all but the superadmin', async () => {
  const config = async (name: 'root' | 'acme') => (await rig.as(name).get('/api/config')).json();
  expect(await config('acme')).toEqual({
    status: 'success',
    config: {
      phone_number: '+35924000000',
      local_ip: null,
      gate_voip_ip: null,
      sip_port: 5060,
      voice_agent: 'voice-agent',
    },
  });
  expect((await config('root')).config.local_ip).toBe('192.0.2.1');
});

it('tells how long callers wait, as measured, during the call', async () => {
  const { callId } = begin(4, { ownerId: rig.ids.anna });
  rig.latencies.set(callId, { answer: summarise([400, 600, 2_000, 2_000]), networkMs: 10.5 });
  const stages = { user_eot_to_ai_audio: { min: 400, max: 2_000, avg: 1_250, p50: 600, p95: 2_000, count: 4 } };
  const latency = {
    session_id: callId,
    duration_sec: expect.any(Number),
    packets_tracked: 0,
    responses_tracked: 4,
    stages,
    network_estimates_ms: { sim_gate_to_agent: 10.5, agent_to_gemini: null },
  };
  expect((await rig.as('acme').get('/api/latency')).json()).toEqual({
    status: 'success',
    active_sessions: 1,
    sessions: [{ session_id: callId, caller_id: '+359888123456', duration_sec: expect.any(Number), latency }],
  });
  expect((await rig.as('anna').get(`/api/latency/${callId}`)).json()).toEqual({
    status: 'success',
    session_id: callId,
    caller_id: '+359888123456',
    latency: {
      ...latency,
      bottleneck: { stage: 'user_eot_to_ai_audio', avg_latency_ms: 1_250, recommendation: null },
    },
  });
  expect((await rig.as('bolt').get(`/api/latency/${callId}`)).statusCode).toBe(403);
  expect((await rig.as('bolt').get('/api/latency')).json()).toMatchObject({
    sessions: [],
    message: expect.any(String),
  });
  expect((await rig.as('root').get('/api/latency/417252eb-ca15-4ca7-b518-a5e053ad59d1')).statusCode).toBe(404);
});

it('says whether recordings can be transcribed, and what happens to audio', async () => {
  expect((await rig.as('anna').get('/api/transcription/status')).json()).toEqual({
    status: 'success',
    transcription_available: true,
    transcription_method: 'command',
    service_status: 'enabled',
    model_info: { model_size: null, model_loaded: true },
    supported_languages: expect.arrayContaining(['en', 'bg']),
    reason: '',
  });
  const audio = (await rig.as('anna').get('/api/audio/preprocessing')).json();
  expect(audio).toMatchObject({ status: 'success', preprocessing_enabled: true, sample_rate: 8_000 });
  expect(audio.processing_pipeline[0]).toEqual({ stage: 1, name: 'RTP', description: expect.any(String) });
});

it('a live call of nobody shows up with its new owner as soon as it is claimed', async () => {
  const callId = await rig.addRow({ status: 'in_call', ended_at: null });
  rig.liveCalls.trigger['call.appeared']({ call: liveCall(5, { callId }) });
  expect((await rig.as('anna').get('/api/sessions')).json().active_sessions).toBe(0);
  expect((await rig.as('anna').get(`/api/crm/sessions/${callId}`)).statusCode).toBe(200);
  expect((await rig.as('anna').get('/api/sessions')).json().active_sessions).toBe(1);
});

it.each(['/api/config', '/api/sessions', '/api/latency', '/api/transcription/status', '/api/audio/preprocessing'])(
  'wants a log-in for %s',
  async (url) => {
    const answer = await rig.anonymous.get(url);
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  },
);
