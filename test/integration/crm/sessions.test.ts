import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSessionRig, type SessionRig } from '../../fakes/session-rig.ts';

let rig: SessionRig;

beforeAll(async () => {
  rig = await createSessionRig();
});
afterAll(() => rig.close());

const FILES = {
  mixed: { fileName: 'mixed_20251201_120423.wav', bytes: 1_593_836, sha256: null },
  incoming: { fileName: 'incoming_20251201_120423.wav', bytes: 44, sha256: null },
  stereo: { fileName: 'recording.wav', bytes: 3_187_628, sha256: null },
};

const addRecording = (id: string, state = 'published', files: object = FILES) =>
  rig.sql(`insert into recordings (call_id, state, files) values (?, ?, ?::jsonb)`, [id, state, JSON.stringify(files)]);

const say = (id: string, index: number, speaker: 'agent' | 'user', text: string) =>
  rig.sql(
    `insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted, created_at)
     values (?, ?, ?, ?, 0, 0, false, '2025-12-01T12:05:57.000Z')`,
    [id, index, speaker, text],
  );

const addLead = async (owner: number, phone = '888123456') => {
  const [row] = await rig.sql<{ id: number }>(
    `insert into leads (owner_id, phone, phone_e164, country, country_code) values (?, ?, ?, 'Bulgaria', '+359') returning id`,
    [owner, phone, `+359${phone}`],
  );
  return row?.id ?? 0;
};

it('shows every field of an answered call as the pages read it', async () => {
  const lead = await addLead(rig.ids.anna);
  const id = await rig.addRow({ owner_id: rig.ids.anna, lead_id: lead, transcript_language: 'bg' });
  await rig.sql(
    `update call_sessions set analysis = '{"summary": "Иска оферта.", "status": "not interested"}',
     key_points = '["цена"]', recording_path = ?, asterisk_linkedid = '1.2' where session_id = ?`,
    [`sessions/${id}/mixed_20251201_120423.wav`, id],
  );
  await addRecording(id);
  await say(id, 0, 'agent', 'Здравейте!');
  await say(id, 1, 'user', 'Добър ден.\nДа.');

  const answer = await rig.as('anna').get(`/api/crm/sessions/${id}`);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const content = 'AGENT: Здравейте!\nUSER: Добър ден. Да.';
  const audio = (name: string, size: number) => ({
    filename: name,
    size_mb: size,
    path: expect.stringMatching(new RegExp(`^sessions/${id}/${name.replace('.', '\\.')}\\?token=[\\w.-]+$`)),
  });
  expect(answer.json()).toEqual({
    id: expect.any(Number),
    session_id: id,
    campaign_id: null,
    lead_id: lead,
    lead_country: 'Bulgaria',
    caller_id: '+359898995151',
    called_number: '+359888123456',
    status: 'answered',
    started_at: '2025-12-01T12:04:23.000Z',
    answered_at: '2025-12-01T12:04:35.000Z',
    ended_at: '2025-12-01T12:05:58.000Z',
    start_time: '2025-12-01T12:04:23.000Z',
    end_time: '2025-12-01T12:05:58.000Z',
    duration: 95,
    talk_time: 83,
    recording_path: `sessions/${id}/mixed_20251201_120423.wav`,
    transcript_status: 'completed',
    transcript_language: 'bg',
    sentiment_score: null,
    interest_level: null,
    key_points: ['цена'],
    follow_up_required: false,
    follow_up_notes: null,
    transcripts: {
      mixed: {
        content,
        conversation: [
          { speaker: 'agent', text: 'Здравейте!' },
          { speaker: 'user', text: 'Добър ден. Да.' },
        ],
        success: true,
        language: 'bg',
        confidence: null,
        transcribed_at: '2025-12-01T12:05:57.000Z',
        method: 'live',
        filename: null,
        file: null,
        length: content.length,
        text_length: content.length,
      },
    },
    analysis: { summary: 'Иска оферта.', status: 'not_interested' },
    audio_files: {
      mixed: audio('mixed_20251201_120423.wav', 1.52),
      incoming: audio('incoming_20251201_120423.wav', 0.01),
    },
    session_info: {
      caller_id: '+359898995151',
      called_number: '+359888123456',
      start_time: '2025-12-01T12:04:23.000Z',
      end_time: '2025-12-01T12:05:58.000Z',
      duration_seconds: 95,
    },
    asterisk_linkedid: null,
  });
  const [row] = (await rig.as('anna').get('/api/crm/sessions')).json();
  const withoutTokens = (session: object) => JSON.stringify(session).replaceAll(/token=[\w.-]+/g, '');
  expect(withoutTokens(row)).toBe(withoutTokens(answer.json()));
});

it('shows the conversation so far of a live call, without audio and without zeros', async () => {
  const id = await rig.addRow({ owner_id: rig.ids.bob, status: 'in_call', ended_at: null });
  await addRecording(id, 'writing', {});
  await say(id, 0, 'agent', 'Ало?');
  expect((await rig.as('bob').get(`/api/crm/sessions/${id}`)).json()).toMatchObject({
    status: 'in_call',
    duration: null,
    talk_time: null,
    audio_files: null,
    transcript_status: 'processing',
    transcripts: { mixed: { content: 'AGENT: Ало?' } },
    analysis: null,
    session_info: { end_time: null, duration_seconds: null },
  });
  const over = await rig.addRow({ owner_id: rig.ids.bob, ended_at: '2025-12-01T12:04:23.200Z', answered_at: null });
  expect((await rig.as('bob').get(`/api/crm/sessions/${over}`)).json()).toMatchObject({
    duration: null,
    talk_time: null,
    transcripts: null,
    transcript_status: null,
    transcript_language: null,
    key_points: null,
  });
});

it('what was transcribed from the files stands for what was heard live', async () => {
  const id = await rig.addRow({ owner_id: rig.ids.bob });
  await say(id, 0, 'agent', 'live');
  const transcript = {
    ...{ content: 'AGENT: batch', success: true, language: 'en', confidence: 0.9 },
    ...{ transcribed_at: '2025-12-01T12:10:00.000Z', method: 'batch', filename: 'a.wav', file: 'a.wav' },
    ...{ length: 12, text_length: 12 },
  };
  const failed = { ...transcript, content: '', success: false, error: 'no speech found', length: 0, text_length: 0 };
  await rig.sql('update call_sessions set transcripts = ?::jsonb where session_id = ?', [
    JSON.stringify({ incoming: failed, mixed: transcript }),
    id,
  ]);
  const answer = (await rig.as('bob').get(`/api/transcripts/${id}`)).json();
  expect(answer).toEqual({
    status: 'success',
    session_id: id,
    session_info: expect.objectContaining({ duration_seconds: 95 }),
    transcripts: { mixed: transcript, incoming: failed },
  });
  expect(Object.keys(answer.transcripts)).toEqual(['mixed', 'incoming']);
  expect((await rig.as('bob').get(`/api/transcripts/${id}/mixed`)).json()).toEqual({
    status: 'success',
    session_id: id,
    audio_type: 'mixed',
    transcript: {
      ...{ content: 'AGENT: batch', filename: 'a.wav', language: 'en', text_length: 12, confidence: 0.9 },
      ...{ transcribed_at: '2025-12-01T12:10:00.000Z', success: true },
    },
  });
  const refusals = await Promise.all(
    ['outgoing', 'stereo', 'summary'].map((type) => rig.as('bob').get(`/api/transcripts/${id}/${type}`)),
  );
  expect(refusals.map((refusal) => [refusal.statusCode, typeof refusal.json().detail])).toEqual([
    [404, 'string'],
    [400, 'string'],
    [404, 'string'],
  ]);
});

it('answers 200 without transcripts for a call that has none yet, and its summary once there is one', async () => {
  const id = await rig.addRow({ owner_id: rig.ids.bob });
  expect((await rig.as('bob').get(`/api/transcripts/${id}`)).json()).toMatchObject({ transcripts: {} });
  await rig.sql(
    `update call_sessions set analysis = '{"summary": "Да", "status": "interested"}' where session_id = ?`,
    [id],
  );
  expect((await rig.as('bob').get(`/api/transcripts/${id}/summary`)).json()).toEqual({
    status: 'success',
    session_id: id,
    summary: { summary: 'Да', status: 'interested' },
  });
});

it('S1: lists the newest first, filtered, within the scope of who asks', async () => {
  const owner = rig.ids.ante;
  const lead = await addLead(owner, '888000001');
  const [campaign] = await rig.sql<{ id: number }>(
    `insert into campaigns (owner_id, name) values (?, 'December') returning id`,
    [owner],
  );
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
  const fields = (second: number) => ({ owner_id: owner, started_at: at(second), answered_at: null, ended_at: null });
  const first = await rig.addRow({ ...fields(1), campaign_id: campaign?.id, status: 'no_answer' });
  const second = await rig.addRow({ ...fields(2), lead_id: lead, status: 'busy' });
  const third = await rig.addRow({ ...fields(3), campaign_id: campaign?.id, lead_id: lead, status: 'busy' });
  const unowned = await rig.addRow({ ...fields(4), owner_id: null });

  const list = async (name: Parameters<SessionRig['as']>[0], query = '') =>
    ((await rig.as(name).get(`/api/crm/sessions${query}`)).json() as { session_id: string }[]).map(
      ({ session_id }) => session_id,
    );
  expect(await list('ante')).toEqual([third, second, first]);
  expect((await list('acme')).slice(0, 3)).toEqual([third, second, first]);
  expect(await list('anna')).not.toContain(third);
  expect(await list('bolt')).not.toContain(third);
  expect((await list('root')).slice(0, 2)).toEqual([unowned, third]);
  expect(await list('ante', '?limit=1')).toEqual([third]);
  expect(await list('ante', '?status=busy')).toEqual([third, second]);
  expect(await list('acme', `?campaign_id=${campaign?.id}`)).toEqual([third, first]);
  expect(await list('ante', `?lead_id=${lead}&status=busy&campaign_id=${campaign?.id}`)).toEqual([third]);
  expect(await list('bolt', `?campaign_id=${campaign?.id}`)).toEqual([]);
  expect(await list('ida')).toEqual([]);
});

it.each(['limit=0', 'limit=1001', 'limit=x', 'status=unknown', 'campaign_id=1.5', 'lead_id=99999999999'])(
  'refuses %s with a sentence',
  async (query) => {
    const answer = await rig.as('anna').get(`/api/crm/sessions?${query}`);
    expect([answer.statusCode, typeof answer.json().detail]).toEqual([422, 'string']);
  },
);

it('keeps calls of others closed, on every route', async () => {
  const id = await rig.addRow({ owner_id: rig.ids.anna });
  const routes = ['/api/crm/sessions/', '/api/transcripts/'].map((prefix) => `${prefix}${id}`);
  routes.push(`/api/transcripts/${id}/mixed`, `/api/transcripts/${id}/summary`);
  for (const url of routes) {
    const answers = await Promise.all(
      (['ante', 'bolt', 'bob', 'ida'] as const).map(async (name) => (await rig.as(name).get(url)).statusCode),
    );
    expect([url, answers]).toEqual([url, [403, 403, 403, 403]]);
    expect((await rig.anonymous.get(url)).statusCode).toBe(401);
    const seen = await Promise.all(
      (['anna', 'acme', 'root'] as const).map(async (name) => (await rig.as(name).get(url)).statusCode),
    );
    expect(seen).toEqual(Array(3).fill(url.includes('mixed') || url.includes('summary') ? 404 : 200));
  }
});

it('reads a list of a hundred calls, and one call, in one statement each', async () => {
  const ids = await Promise.all(Array.from({ length: 100 }, () => rig.addRow({ owner_id: rig.ids.ida })));
  rig.statements.count = 0;
  expect((await rig.as('ida').get('/api/crm/sessions')).json()).toHaveLength(100);
  expect(rig.statements.count).toBe(1);
  await rig.as('ida').get(`/api/crm/sessions/${ids[0]}`);
  expect(rig.statements.count).toBe(2);
});

it('6.1: tells an unknown call from nothing, with CORS headers and without touching the disk', async () => {
  const headers = { origin: 'http://localhost:3000', authorization: `Bearer ${rig.tokens.acme}` };
  for (const id of [randomUUID(), '..%2f..', 'a'.repeat(129), '%00', 'x y']) {
    const answer = await rig.app.inject({ method: 'GET', url: `/api/crm/sessions/${id}`, headers });
    expect([id, answer.statusCode, answer.json()]).toEqual([
      id,
      404,
      { detail: 'Call session not found', code: 'session_unknown', recording_exists: false },
    ]);
    expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:3000');
  }
});

it.each(['Здравейте, цената е 5 лв.', 'Καλημέρα σας', 'مرحبا، كيف حالك؟', '🙂👍🏽 e\u0301 \u2028'])(
  '6.3: gives back %s as it was said and summed up, byte for byte',
  async (text) => {
    const id = await rig.addRow({ owner_id: rig.ids.anna });
    await say(id, 0, 'user', text);
    await rig.sql('update call_sessions set analysis = ?::jsonb where session_id = ?', [
      JSON.stringify({ summary: text, status: 'interested' }),
      id,
    ]);
    const session = await rig.as('anna').get(`/api/crm/sessions/${id}`);
    const transcripts = await rig.as('anna').get(`/api/transcripts/${id}`);
    const summary = await rig.as('anna').get(`/api/transcripts/${id}/summary`);
    for (const { rawPayload } of [session, transcripts])
      expect(rawPayload.includes(Buffer.from(text.trim()))).toBe(true);
    expect(session.json().transcripts.mixed.conversation[0].text).toBe(text.trim());
    expect(session.json().analysis.summary).toBe(text);
    expect(summary.json().summary.summary).toBe(text);
  },
);
