/**
 * The HTTP application over a real Postgres, with users of every role in two tenants. For tests of the `integration`
 * project:
 *
 *   const crm = await createCrmRig();            // in beforeAll; `await crm.close()` in afterAll
 *   const answer = await crm.as('anna').post('/api/crm/leads', { phone: '+359888123456' });
 *   expect(answer.statusCode).toBe(200);
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse as Answer } from 'fastify';
import type { AccountDeps } from '#app/build-accounts.ts';
import { createCrm } from '#app/build-crm.ts';
import { openPrompts } from '#app/build-prompts.ts';
import { createPasswords } from '#app/passwords.ts';
import { loadConfig } from '#config.ts';
import type { HttpDeps } from '#http/app.ts';
import { createTokens } from '#http/crm/tokens.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createGateSlotsRepository } from '#persistence/gate-slots.repository.ts';
import { createJobsRepository } from '#persistence/jobs.repository.ts';
import { createTestDatabase } from '../fixtures/test-database.ts';
import { createFakeFollowUp } from './follow-up.fake.ts';
import { createHttpFixture, JWT_SECRET, TOKEN } from './http.ts';
import { silentLog } from './silent-log.ts';

const DAY_MS = 86_400_000;

type Person = {
  role: 'superadmin' | 'admin' | 'agent';
  admin?: PersonName;
  organization?: string | null;
  subscribedDays?: number;
  gateSlot?: number | null;
};

/**
 * Two tenants, acme (agents anna and ante) and bolt (agent bob), both subscribed; `idle` is an admin who never was,
 * with the agent `ida`.
 */
const PEOPLE = {
  root: { role: 'superadmin' },
  acme: { role: 'admin', organization: 'Acme', subscribedDays: 30 },
  bolt: { role: 'admin', organization: 'Bolt', subscribedDays: 30 },
  idle: { role: 'admin', organization: 'Idle' },
  anna: { role: 'agent', admin: 'acme', gateSlot: 9 },
  ante: { role: 'agent', admin: 'acme', gateSlot: 10 },
  bob: { role: 'agent', admin: 'bolt', gateSlot: 11 },
  ida: { role: 'agent', admin: 'idle', gateSlot: 12 },
} as const satisfies Record<string, Person & { admin?: string }>;

export type PersonName = 'root' | 'acme' | 'bolt' | 'idle' | 'anna' | 'ante' | 'bob' | 'ida';
export const PERSON_NAMES = Object.keys(PEOPLE) as PersonName[];

/** Of everybody in the rig. */
export const PASSWORD = 'secret of the tests';
/** Parameters that cost nothing. */
const CHEAP = { N: 1_024, r: 8, p: 1 };
const HASHED = await createPasswords(CHEAP).hash(PASSWORD);

const INSERT = `
insert into users (username, email, hashed_password, role, created_by_id, organization, max_agents, subscription_end_date, gate_slot)
values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`;

type Body = InjectOptions['payload'];

export type Client = {
  get(url: string): Promise<Answer>;
  post(url: string, body?: Body): Promise<Answer>;
  put(url: string, body?: Body): Promise<Answer>;
  delete(url: string): Promise<Answer>;
};

type Sql = <Row = Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

const addPeople = async (sql: Sql): Promise<Record<PersonName, number>> => {
  const ids = {} as Record<PersonName, number>;
  for (const name of PERSON_NAMES) {
    const { role, admin, organization = null, subscribedDays, gateSlot = null }: Person = PEOPLE[name];
    const end = subscribedDays ? new Date(Date.now() + subscribedDays * DAY_MS) : null;
    const creator = role === 'superadmin' ? null : ids[admin ?? 'root'];
    const maxAgents = role === 'admin' ? 5 : 0;
    const [row] = await sql<{ id: number }>(INSERT, [
      ...[name, `${name}@example.com`, HASHED, role, creator, organization, maxAgents, end, gateSlot],
    ]);
    ids[name] = row?.id ?? 0;
  }
  return ids;
};

/** `change` replaces parts of what the application stands on, given the parts that it would have. */
export const createCrmRig = async (
  change: (deps: { crm: HttpDeps['crm']; database: Database }) => Partial<HttpDeps> = () => ({}),
  accounts: Partial<AccountDeps> = {},
) => {
  const place = await createTestDatabase();
  const database = await openDatabase({ url: place.url, log: silentLog });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-crm-'));
  const crm = createCrm({
    database,
    accounts: {
      dataDirectory,
      log: silentLog,
      gateSlots: { min: 9, max: 19 },
      registrationOpen: true,
      setUpToken: null,
      endCallsOf: async () => {},
      passwords: createPasswords(CHEAP),
      ...accounts,
    },
  });
  const config = loadConfig({}, { envFile: '/nonexistent' });
  const fixture = createHttpFixture({
    crm,
    agents: openPrompts({ config, database, log: silentLog }).ports,
    followUp: createFakeFollowUp({
      postCall: { ...createFakeFollowUp().postCall, jobs: createJobsRepository(database) },
      gateSlots: { pool: { min: 9, max: 19 }, ...createGateSlotsRepository(database) },
    }),
    now: Date.now,
    ...change({ crm, database }),
  });
  const { app } = fixture;
  const sql: Sql = (text, values = []) => database.fork().execute(text, [...values]);
  const ids = await addPeople(sql);

  const signer = createTokens(JWT_SECRET);
  const tokens = {} as Record<PersonName, string>;
  for (const name of PERSON_NAMES) tokens[name] = await signer.sign({ id: ids[name], role: PEOPLE[name].role });

  const request = (options: InjectOptions, token: string | null): Promise<Answer> =>
    app.inject({ ...options, headers: { ...options.headers, ...(token && { authorization: `Bearer ${token}` }) } });
  /** Requests with the given token, or with none. */
  const withToken = (token: string | null): Client => ({
    get: (url) => request({ method: 'GET', url }, token),
    post: (url, payload) => request({ method: 'POST', url, ...(payload !== undefined && { payload }) }, token),
    put: (url, payload) => request({ method: 'PUT', url, ...(payload !== undefined && { payload }) }, token),
    delete: (url) => request({ method: 'DELETE', url }, token),
  });

  return {
    ...fixture,
    app,
    database,
    dataDirectory,
    /** Runs SQL with `?` for values. */
    sql,
    /** User ids by name. */
    ids,
    /** Log-in tokens by name. */
    tokens,
    as: (name: PersonName) => withToken(tokens[name]),
    anonymous: withToken(null),
    withToken,
    /** With the API token. */
    operator: withToken(TOKEN),
    close: async () => {
      await app.close();
      await database.close();
      await place.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
};

export type CrmRig = Awaited<ReturnType<typeof createCrmRig>>;
