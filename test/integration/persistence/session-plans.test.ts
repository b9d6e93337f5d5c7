import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionQuery } from '#domain/session.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createSessionsRepository } from '#persistence/sessions.repository.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const CALLS = 20_000;
let place: TestDatabase;
let database: Database;

beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
  const run = (sql: string) => database.fork().execute(sql);
  await run(`insert into users (username, email, hashed_password, role)
    select 'u' || n, 'u' || n || '@x', '', 'admin' from generate_series(1, 20) n`);
  await run(`insert into campaigns (owner_id, name) select id, 'c' from users`);
  await run(`insert into leads (owner_id, phone, phone_e164)
    select 1 + n % 20, n::text, '+359' || n from generate_series(1, 2000) n`);
  await run(`insert into call_sessions (session_id, direction, status, owner_id, campaign_id, lead_id, started_at, ended_at)
    select gen_random_uuid(), 'inbound', case n % 10 when 0 then 'busy' else 'answered' end, 1 + n % 20, 1 + n % 20,
      1 + n % 2000, now() - n * interval '1 minute', now() from generate_series(1, ${CALLS}) n`);
  await run(`insert into recordings (call_id, state) select session_id, 'published' from call_sessions`);
  await run(`insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted)
    select session_id, n, 'agent', 'Добър ден', 0, 0, false from call_sessions, generate_series(0, 3) n`);
  await run('analyze');
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

/** What the repository asks, explained. */
const planOf = async (ask: (sessions: ReturnType<typeof createSessionsRepository>) => Promise<unknown>) => {
  let plan = '';
  const explaining = {
    place: database.place,
    fork: () => {
      const em = database.fork();
      const execute = async (sql: string, parameters: unknown[]) => {
        const rows = await em.execute<Record<string, string>[]>(`explain ${sql}`, parameters);
        plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        return [];
      };
      return { execute } as unknown as ReturnType<Database['fork']>;
    },
  };
  await ask(createSessionsRepository(explaining));
  return plan;
};

const everyone = { kind: 'everyone' } as const;
const tenant = { kind: 'owners', ids: [1, 2, 3] } as const;
const query = (change: Partial<SessionQuery>): SessionQuery => ({
  ...{ scope: everyone, campaignId: null, leadId: null, status: null, limit: 100 },
  ...change,
});

it.each<[string, Partial<SessionQuery>, string]>([
  ['everybody’s', {}, 'call_sessions_newest_index'],
  ['everybody’s of a status', { status: 'busy' }, 'call_sessions_'],
  ['a campaign’s', { campaignId: 3 }, 'call_sessions_campaign_index'],
  ['a lead’s', { leadId: 3, scope: tenant }, 'call_sessions_lead_index'],
  ['a tenant’s', { scope: tenant }, 'call_sessions_owner_index'],
  ['a tenant’s of a status', { scope: tenant, status: 'busy' }, 'call_sessions_'],
  ['a tenant’s of a campaign', { scope: tenant, campaignId: 3 }, 'call_sessions_campaign_index'],
])('the list of %s calls goes by an index', async (_name, change, index) => {
  const plan = await planOf((sessions) => sessions.list(query(change)));
  expect(plan).toContain(index);
  expect(plan).not.toContain('Seq Scan on call_sessions');
  expect(plan).not.toContain('Seq Scan on transcript_segments');
});

it.each([
  ['everybody’s', everyone],
  ['a tenant’s', tenant],
] as const)('the list of %s recordings goes by an index', async (_name, scope) => {
  const plan = await planOf((sessions) => sessions.recorded({ scope, limit: 100 }));
  expect(plan).not.toContain('Seq Scan on call_sessions');
  expect(plan).not.toContain('Seq Scan on recordings');
});

it('one call is found by its id', async () => {
  const plan = await planOf((sessions) => sessions.find('417252eb-ca15-4ca7-b518-a5e053ad59d1'));
  expect(plan).toContain('call_sessions_session_id_unique');
  expect(plan).not.toContain('Seq Scan on call_sessions');
});
