import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEMO_PASSWORD, seedDatabase } from '#demo/seed/seed-database.ts';
import { createSessionRig, type SessionRig } from '../fakes/session-rig.ts';

let rig: SessionRig;
beforeAll(async () => {
  rig = await createSessionRig();
});
afterAll(() => rig.close());

const counts = () =>
  rig.sql(`select (select count(*) from users)::int as users, (select count(*) from leads)::int as leads,
    (select count(distinct country) from leads)::int as countries, (select count(*) from campaigns)::int as campaigns,
    (select count(*) from call_sessions)::int as calls`);

it('refuses a database that others use, and changes nothing there', async () => {
  const before = await counts();
  const directory = await mkdtemp(join(tmpdir(), 'seed-'));
  const options = { sessionsDirectory: directory, mayHoldOthers: false };
  await expect(seedDatabase(rig.database, options)).rejects.toThrow(
    /is in use \(8 users, 0 leads, 0 calls\): seed an empty/,
  );
  expect([await counts(), await readdir(directory)]).toEqual([before, []]);
  await rm(directory, { recursive: true });
});

it('fills a database once, and what it made is shown by the API', async () => {
  const options = { sessionsDirectory: rig.sessionsDirectory, mayHoldOthers: true };
  expect(await seedDatabase(rig.database, options)).toBe('seeded');
  const [made] = await counts();
  expect(made).toEqual({ users: 15, leads: 500, countries: 12, campaigns: 3, calls: 240 });
  expect((await readdir(rig.sessionsDirectory)).length).toBe(240);
  expect(await seedDatabase(rig.database, options)).toBe('already there');
  expect(await counts()).toEqual([made]);

  const login = await rig.anonymous.post('/api/auth/login', { username: 'demo.acme', password: DEMO_PASSWORD });
  expect(login.statusCode).toBe(200);
  const acme = rig.withToken(login.json().access_token);
  const sessions = (await acme.get('/api/crm/sessions?status=answered&limit=1000')).json();
  expect(sessions.length).toBeGreaterThan(50);
  expect(sessions[0]).toMatchObject({
    lead_country: expect.any(String),
    transcripts: { mixed: { conversation: expect.any(Array), method: 'live' } },
    analysis: { summary: expect.any(String) },
    audio_files: { mixed: {}, incoming: {}, outgoing: {} },
  });
  const audio = await rig.anonymous.get(`/static/${sessions[0].audio_files.mixed.path}`);
  expect([audio.statusCode, audio.headers['content-type']]).toEqual([200, 'audio/wav']);
  const { campaigns } = (await acme.get('/api/crm/campaigns')).json();
  expect(campaigns).toHaveLength(2);
  const numbers = campaigns.find(({ name }: { name: string }) => name === 'December offers');
  expect(numbers).toMatchObject({ status: 'completed', total_leads: 60, leads_called: 60 });
});
