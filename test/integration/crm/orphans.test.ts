import { randomUUID } from 'node:crypto';
import { rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { liveCall } from '../../fakes/http.ts';
import { createSessionRig, wave, type SessionRig } from '../../fakes/session-rig.ts';

let rig: SessionRig;

beforeAll(async () => {
  rig = await createSessionRig();
});
afterAll(() => rig.close());

const nobody = { isLive: () => false };
const open = (name: Parameters<SessionRig['as']>[0], id: string) => rig.as(name).get(`/api/crm/sessions/${id}`);
const ownerOf = async (id: string) =>
  (await rig.sql<{ owner_id: number | null }>('select owner_id from call_sessions where session_id = ?', [id])).map(
    ({ owner_id }) => owner_id,
  );
const idsIn = (sessions: { session_id: string }[]) => sessions.map(({ session_id }) => session_id);

it('6.1: a folder without a row is adopted by the admin who opens it, once, with its audio and length', async () => {
  const id = await rig.put({ 'mixed_20251201_120423.wav': wave(95) });
  const answer = await open('acme', id);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    {
      session_id: id,
      status: 'completed',
      started_at: '2025-12-01T12:04:23.000Z',
      answered_at: null,
      duration: 95,
      talk_time: null,
      caller_id: null,
      audio_files: { mixed: { filename: 'mixed_20251201_120423.wav', size_mb: 1.45 } },
      session_info: { duration_seconds: 95 },
    },
  ]);
  expect(await ownerOf(id)).toEqual([rig.ids.acme]);
  expect((await open('acme', id)).json().id).toBe(answer.json().id);
  expect((await open('bolt', id)).statusCode).toBe(403);
  expect((await open('root', id)).statusCode).toBe(200);
  expect(idsIn((await rig.as('acme').get('/api/crm/sessions')).json())).toContain(id);
  expect(idsIn((await rig.as('acme').get('/api/recordings')).json().recordings)).toContain(id);
  expect(idsIn((await rig.as('bolt').get('/api/recordings')).json().recordings)).not.toContain(id);
  const audit = await rig.sql('select actor_name, action, target_id from audit_entries where target_id = ?', [id]);
  expect(audit).toEqual([{ actor_name: 'acme', action: 'session.claimed', target_id: id }]);
});

it('6.1: two first views at once make one row of one owner', async () => {
  const id = await rig.put({ 'mixed_20251201_120423.wav': wave(1) });
  const answers = await Promise.all([open('acme', id), open('bolt', id), open('anna', id), open('acme', id)]);
  const [owner] = await ownerOf(id);
  expect(await ownerOf(id)).toHaveLength(1);
  const expected = {
    [rig.ids.acme]: [200, 403, 403, 200],
    [rig.ids.bolt]: [403, 200, 403, 403],
    [rig.ids.anna]: [200, 403, 200, 200],
  }[owner ?? 0];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(expected);
});

it('6.1: what lies there at the start has its row without being asked for, in its owner’s list at once', async () => {
  const info = { owner_id: rig.ids.bob, caller_id: '+359888555555', called_number: '+35924000000' };
  const owned = await rig.put({ 'session_info.json': JSON.stringify(info), 'incoming_x.mp3': 'x' });
  const unclaimed = await rig.put();
  await rig.reconciler.adoptOrphanRecordings(rig.sessionsDirectory, nobody);
  expect([await ownerOf(owned), await ownerOf(unclaimed)]).toEqual([[rig.ids.bob], [null]]);
  expect(idsIn((await rig.as('bob').get('/api/crm/sessions')).json())).toContain(owned);
  const { recordings } = (await rig.as('bolt').get('/api/recordings')).json();
  expect(recordings).toContainEqual(
    expect.objectContaining({
      session_id: owned,
      audio_files: { incoming: expect.objectContaining({ filename: 'incoming_x.mp3' }) },
      source: 'local',
    }),
  );
  expect(idsIn((await rig.as('root').get('/api/crm/sessions')).json())).toContain(unclaimed);
  expect((await open('ida', unclaimed)).statusCode).toBe(403);
  expect((await open('root', unclaimed)).statusCode).toBe(200);
  expect(await ownerOf(unclaimed)).toEqual([null]);
  expect((await open('anna', unclaimed)).statusCode).toBe(200);
  expect(await ownerOf(unclaimed)).toEqual([rig.ids.anna]);
});

it('goes to the owner of the only lead with a number of the call, and to nobody when two tenants have one', async () => {
  const lead = (owner: number, phone: string) =>
    rig.sql('insert into leads (owner_id, phone, phone_e164) values (?, ?, ?)', [owner, phone, `+359${phone}`]);
  await lead(rig.ids.bob, '888700001');
  await lead(rig.ids.bob, '888700002');
  await lead(rig.ids.anna, '888700002');
  const orphan = (number: string) => rig.put({ 'session_info.json': JSON.stringify({ caller_id: number }) });
  const one = await orphan('+359888700001');
  const two = await orphan('+359888700002');
  expect((await open('acme', one)).statusCode).toBe(403);
  expect((await open('bolt', one)).json()).toMatchObject({ caller_id: '+359888700001', lead_id: expect.any(Number) });
  expect((await open('acme', two)).json()).toMatchObject({ lead_id: null });
});

it('a call known to the metadata of another tenant is refused', async () => {
  const id = await rig.put({ 'session_info.json': JSON.stringify({ owner_id: rig.ids.anna }) });
  expect((await open('bolt', id)).statusCode).toBe(403);
  expect((await open('acme', id)).statusCode).toBe(200);
});

it('transcripts adopt as well, and show what older systems left as text', async () => {
  const id = await rig.put({
    'mixed_transcript.txt': 'Audio File: x.wav\n------\nAGENT: Здравейте!\nUSER: 🙂',
    'analysis_result.json': JSON.stringify({ summary: 'Добре', status: 'not interested' }),
  });
  expect((await rig.as('anna').get(`/api/transcripts/${id}`)).json()).toMatchObject({
    transcripts: { mixed: { content: 'AGENT: Здравейте!\nUSER: 🙂', conversation: [{ speaker: 'agent' }, {}] } },
  });
  expect((await rig.as('anna').get(`/api/transcripts/${id}/summary`)).json().summary).toEqual({
    summary: 'Добре',
    status: 'not_interested',
  });
  expect((await open('anna', id)).json()).toMatchObject({ audio_files: null, transcript_status: 'completed' });
});

it('an id of another form is assigned by nobody who opens it', async () => {
  const id = await rig.put({}, 'legacy_17');
  expect((await open('acme', id)).statusCode).toBe(403);
  expect((await open('root', id)).statusCode).toBe(200);
  expect(await ownerOf(id)).toEqual([null]);
});

it('leaves alone what is live, spooled, being deleted, or a link', async () => {
  const [live, spooled, deleted] = await Promise.all([rig.put(), rig.put(), rig.put()]);
  rig.liveCalls.trigger['call.appeared']({ call: liveCall(1, { callId: live }) });
  rig.spooled.add(spooled);
  await rename(join(rig.sessionsDirectory, deleted), join(rig.sessionsDirectory, `.deleted-${deleted}`));
  const linked = randomUUID();
  await symlink('/tmp', join(rig.sessionsDirectory, linked));
  for (const id of [live, spooled, deleted, linked]) {
    expect((await open('acme', id)).json()).toMatchObject({ code: 'session_unknown' });
    expect(await ownerOf(id)).toEqual([]);
  }
});

it('6.1: where the row cannot be written it says so, and the owner still has transcripts and recordings', async () => {
  await rig.sql(`
    create function refuse_rows() returns trigger as $$ begin raise exception 'the disk is broken'; end $$ language plpgsql`);
  await rig.sql('create trigger refuse before insert on call_sessions for each row execute function refuse_rows()');
  try {
    const info = JSON.stringify({ owner_id: rig.ids.anna, caller_id: '+359888999999' });
    const files = {
      'session_info.json': info,
      'mixed_20251201_120423.wav': wave(2),
      'mixed_transcript.txt': 'USER: Да',
    };
    const id = await rig.put(files);
    const foundling = await rig.put();
    const answer = await open('anna', id);
    const expected = {
      detail: 'This call is not in the database, but its recording exists',
      code: 'session_not_registered',
      recording_exists: true,
    };
    expect([answer.statusCode, answer.json()]).toEqual([404, expected]);
    const transcripts = await rig.as('anna').get(`/api/transcripts/${id}`);
    expect([transcripts.statusCode, transcripts.json()]).toMatchObject([
      200,
      { session_info: { caller_id: '+359888999999' }, transcripts: { mixed: { content: 'USER: Да' } } },
    ]);
    const { recordings } = (await rig.as('acme').get('/api/recordings')).json();
    expect(recordings).toContainEqual(expect.objectContaining({ session_id: id, duration_seconds: 2 }));
    const link = recordings.find((each: { session_id: string }) => each.session_id === id).audio_files.mixed.path;
    expect((await rig.anonymous.get(`/static/${link}`)).statusCode).toBe(200);
    expect((await open('bolt', id)).statusCode).toBe(403);
    expect((await rig.as('bolt').get(`/api/transcripts/${id}`)).statusCode).toBe(403);
    expect(idsIn((await rig.as('bolt').get('/api/recordings')).json().recordings)).not.toContain(id);
    expect((await open('bolt', foundling)).json()).toEqual(expected);
    // One that is refused holds up no other.
    await expect(rig.reconciler.adoptOrphanRecordings(rig.sessionsDirectory, nobody)).resolves.toEqual([]);
  } finally {
    await rig.sql('drop trigger refuse on call_sessions');
  }
});

it('6.1: the row is gone, the folder is kept: the call is adopted again', async () => {
  const id = await rig.addRow({ owner_id: rig.ids.anna });
  await rig.put({ 'mixed_20251201_120423.wav': wave(1) }, id);
  await rig.reconciler.adoptOrphanRecordings(rig.sessionsDirectory, nobody);
  await rig.sql('delete from call_sessions where session_id = ?', [id]);
  expect((await open('anna', id)).json()).toMatchObject({ status: 'completed', audio_files: { mixed: {} } });
});

it('claiming can be switched off: then the call is there, but nobody’s', async () => {
  const closed = await createSessionRig({ CLAIM_CALLS: 'no' });
  try {
    const id = await closed.put({ 'mixed_20251201_120423.wav': wave(1) });
    const answer = await closed.as('acme').get(`/api/crm/sessions/${id}`);
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'session_not_registered' }]);
    expect((await closed.as('acme').get(`/api/transcripts/${id}`)).statusCode).toBe(404);
    expect((await closed.as('root').get(`/api/crm/sessions/${id}`)).statusCode).toBe(200);
  } finally {
    await closed.close();
  }
});
