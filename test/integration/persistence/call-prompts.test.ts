import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCallPromptsRepository, type KeptPrompt } from '#persistence/call-prompts.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const CALL = 'b57e3f0e-6f3a-4a5c-9f0a-3c9a54ce6c01' as CallId;
const WITH_PROFILE = 'b57e3f0e-6f3a-4a5c-9f0a-3c9a54ce6c02' as CallId;
const UNKNOWN = 'b57e3f0e-6f3a-4a5c-9f0a-3c9a54ce6c03' as CallId;
const KEPT: KeptPrompt = {
  ...{ profileId: 1, profileVersion: 2, language: 'bg-BG', voice: 'Puck' },
  ...{
    systemInstruction: 'Be brief.',
    greetingRequest: 'Greet.',
    greetingText: 'Здравейте',
    greetingClip: 'greeting-clips/a.wav',
  },
};

let place: TestDatabase;
let database: Database;
let statements = 0;

const counting = (): Pick<Database, 'fork' | 'place'> => ({
  place: database.place,
  fork: () => {
    statements += 1;
    return database.fork();
  },
});

beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
  const run = (sql: string, parameters: unknown[] = []) => database.fork().execute(sql, parameters);
  await run(`insert into users (id, username, email, hashed_password, role, organization, created_by_id)
    values (1, 'admin', 'a@x', '', 'admin', 'Acme', null), (2, 'agent', 'b@x', '', 'agent', null, 1),
    (3, 'other', 'c@x', '', 'admin', 'Rival', null), (4, 'root', 'd@x', '', 'superadmin', null, null)`);
  await run(`insert into leads (id, owner_id, first_name, phone, phone_e164, country)
    values (5, 2, 'Ana', '1', '+3591', 'Bulgaria')`);
  await run(`insert into agent_profiles (id, owner_id, name, version, instruction, greeting, is_default)
    values (7, 1, 'Usual', 3, 'Sell.', 'Hello', true), (8, 1, 'Other', 1, 'Listen.', 'Hi', false),
      (9, 3, 'Secret', 1, 'Ours.', 'Hi', false), (10, 2, 'Own', 1, 'Mine.', 'Hi', false)`);
  const call = `insert into call_sessions
    (session_id, direction, status, owner_id, lead_id, caller_id, called_number, started_at, call_metadata)
    values (?, ?, 'in_call', 2, 5, '+3591', '+3592', now(), ?::jsonb)`;
  await run(call, [CALL, 'inbound', null]);
  await run(call, [WITH_PROFILE, 'outbound', JSON.stringify({ profile_id: 8, greeting_file: 'a.wav' })]);
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

it('reads all that a prompt is built from in one statement', async () => {
  const prompts = createCallPromptsRepository(counting());
  statements = 0;
  const sources = await prompts.sourcesFor(CALL);
  expect(statements).toBe(1);
  expect(sources).toEqual({
    kind: 'facts',
    subject: { direction: 'inbound', ownerId: 2, leadId: 5, number: '+3591', metadata: {} },
    facts: await prompts.factsFor({ ownerId: 2, leadId: 5, profileId: null }),
  });
  expect(sources).toMatchObject({
    facts: { organization: 'Acme', lead: { firstName: 'Ana' }, profile: { id: 7, version: 3 } },
  });
});

it('takes the profile that the call was placed with', async () => {
  const prompts = createCallPromptsRepository(database);
  expect(await prompts.sourcesFor(WITH_PROFILE)).toEqual({
    kind: 'facts',
    subject: {
      ...{ direction: 'outbound', ownerId: 2, leadId: 5, number: '+3592' },
      metadata: { profile_id: 8, greeting_file: 'a.wav' },
    },
    facts: await prompts.factsFor({ ownerId: 2, leadId: 5, profileId: 8 }),
  });
});

it('gives the prompt that was kept, and nothing for a call without a row', async () => {
  const prompts = createCallPromptsRepository(database);
  await prompts.keep(CALL, KEPT);
  expect(await prompts.sourcesFor(CALL)).toEqual({ kind: 'kept', prompt: KEPT });
  expect(await prompts.sourcesFor(UNKNOWN)).toBeNull();
});

it.each([
  ['an agent', 2, 9, 7],
  ['an agent', 2, 8, 8],
  ['an admin', 1, 9, 7],
  ['an admin', 1, 10, 10],
  ['another admin', 3, 9, 9],
  ['a superadmin', 4, 9, 9],
  ['nobody', null, 9, 9],
])(
  'a call of %s (%s) that names profile %i uses profile %i: none of another tenant',
  async (_, ownerId, named, used) => {
    const prompts = createCallPromptsRepository(database);
    const { profile } = await prompts.factsFor({ ownerId, leadId: null, profileId: named });
    expect(profile?.id).toBe(used);
  },
);
