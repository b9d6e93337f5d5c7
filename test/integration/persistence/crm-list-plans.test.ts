import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCampaignLeadsRepository } from '#persistence/campaign-leads.repository.ts';
import { createCampaignsRepository } from '#persistence/campaigns.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createLeadsRepository } from '#persistence/leads.repository.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { watchStatements } from '../../fixtures/seen-statements.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const OWNERS = 40;
const OWN = { kind: 'owners', ids: [3, 5] } as const;
const ALL = { kind: 'everyone' } as const;

let place: TestDatabase;
let database: Database;
beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
  const em = database.fork();
  await em.execute(
    `insert into users (username, email, hashed_password, role) select 'u' || n, n || '@example.com', '', 'admin'
     from generate_series(1, ${OWNERS}) as n`,
  );
  await em.execute(
    `insert into leads (owner_id, phone, phone_e164, country)
     select 1 + n % ${OWNERS}, n::text, '+359' || (880000000 + n), 'country ' || n % 200 from generate_series(1, 40000) as n`,
  );
  await em.execute(
    `insert into campaigns (owner_id, name, status)
     select 1 + n % ${OWNERS}, 'c' || n, (array['draft', 'running', 'completed'])[1 + n % 3] from generate_series(1, 4000) as n`,
  );
  await em.execute(
    `insert into campaign_leads (campaign_id, lead_id, lead_name, lead_phone, status)
     select 1 + id % 100, id, '', '', (array['pending', 'answered', 'busy'])[1 + id % 3] from leads`,
  );
  // Outside of a transaction, one by one.
  for (const table of ['users', 'leads', 'campaigns', 'campaign_leads']) await em.execute(`vacuum analyze ${table}`);
});
afterAll(async () => {
  await database.close();
  await place.drop();
});

type Work = (database: Database) => Promise<unknown>;

const leads =
  (scope: typeof OWN | typeof ALL, country: string | null = null): Work =>
  (watched) =>
    createLeadsRepository(watched).list(scope, { country, page: 1, perPage: 100 });

const campaignLeads =
  (status: 'pending' | null): Work =>
  (watched) =>
    createCampaignLeadsRepository(watched).list(7, { status, page: 1, perPage: 100 });

/** The total without any condition has to look at every row. */
const isCountOfAll = (plan: string) => /^Aggregate[^\n]*\n *->  Seq Scan on leads [^\n]*$/.test(plan);

// Besides these a request costs the one statement that finds the viewer.
test.each<[string, number, Work]>([
  ['leads of two owners', 2, leads(OWN)],
  ['leads of two owners and a country', 2, leads(OWN, 'country 7')],
  ['leads of everybody', 2, leads(ALL)],
  ['leads of everybody in a country', 2, leads(ALL, 'country 7')],
  ['campaigns of two owners', 2, (watched) => createCampaignsRepository(watched).list(OWN, null)],
  ['campaigns of two owners and a status', 2, (watched) => createCampaignsRepository(watched).list(OWN, 'running')],
  ['leads of a campaign', 2, campaignLeads(null)],
  ['leads of a campaign and a status', 2, campaignLeads('pending')],
])('the list of %s costs %i statements and reads no table from end to end', async (_, count, work) => {
  const { statements, plans } = await watchStatements(database).during(work);
  expect(statements).toHaveLength(count);
  for (const plan of plans.filter((one) => !isCountOfAll(one))) {
    expect(plan).not.toMatch(/Seq Scan on (leads|campaigns|campaign_leads|call_sessions)/);
  }
});
