/** Every operation of the API against everybody: tokens, roles, objects of other tenants, answers as documented. */
import { createHmac, randomUUID } from 'node:crypto';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LightMyRequestResponse as Answer } from 'fastify';
import { PERSON_NAMES, type PersonName } from '../../fakes/crm-rig.ts';
import { JWT_SECRET } from '../../fakes/http.ts';
import { createSessionRig, wave, type SessionRig } from '../../fakes/session-rig.ts';
import { addressOf, exampleBodyOf, operationsOf, type ApiOperation, type Who } from '../../fixtures/crm/operations.ts';

const ORIGIN = 'http://localhost:3000';
/** Latency is of live calls only, and the objects here are over. */
const NOT_LIVE = 404;
const UNKNOWN_ID = 2_000_000_000;
const UNKNOWN_SESSION = '00000000-0000-4000-8000-000000000000';

let rig: SessionRig;
let operations: readonly ApiOperation[];

beforeAll(async () => {
  rig = await createSessionRig();
  operations = await operationsOf(rig);
});

afterAll(() => rig.close());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = (header: object, claims: object): string => {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', JWT_SECRET).update(text).digest('base64url')}`;
};

const ask = (operation: ApiOperation, url: string, token: string | null, body?: object): Promise<Answer> =>
  rig.app.inject({
    method: operation.method,
    url,
    headers: { origin: ORIGIN, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { payload: body }),
  });

const nothing = {
  ...{ id: UNKNOWN_ID, profileId: UNKNOWN_ID, trunkId: UNKNOWN_ID, jobId: UNKNOWN_SESSION, importId: UNKNOWN_SESSION },
  ...{ session_id: UNKNOWN_SESSION, callId: UNKNOWN_SESSION, audio_type: 'mixed', file: 'mixed_20251201_120423.wav' },
};

const isFitForPeople = ({ statusCode, body, json }: Answer): boolean =>
  statusCode !== 500 && typeof json().detail === 'string' && !/stack|node_modules|select |insert into/i.test(body);

/** What is wrong with an answer as such; null: nothing. */
const faultOf = (operation: ApiOperation, answer: Answer): string | null => {
  const { statusCode, headers } = answer;
  const name = `${operation.method} ${operation.path} ${statusCode}`;
  if (headers['access-control-allow-origin'] !== ORIGIN) return `${name}: no CORS header`;
  if (statusCode >= 400 && !isFitForPeople(answer)) return `${name}: ${answer.body}`;
  const documented = operation.responses[String(statusCode)];
  if (!documented) return `${name} is not documented: ${answer.body.slice(0, 200)}`;
  const schema = documented.content?.['application/json']?.schema;
  if (schema && !Compile(schema as TSchema).Check(answer.json()))
    return `${name} is not as documented: ${answer.body.slice(0, 300)}`;
  return null;
};

const report = (title: string, count: number) => process.stdout.write(`contract: ${count} requests, ${title}\n`);

it('every operation but the public ones refuses every bad token with 401 and a text, readable across origins', async () => {
  const [gone] = await rig.sql<{ id: number }>(
    `insert into users (username, email, hashed_password, role) values ('gone', 'gone@example.com', 'x', 'admin') returning id`,
  );
  await rig.sql('delete from users where id = ?', [gone?.id ?? 0]);
  const now = Math.floor(Date.now() / 1_000);
  const claims = { user_id: rig.ids.root, role: 'superadmin', iat: now, exp: now + 600 };
  const HS256 = { alg: 'HS256', typ: 'JWT' };
  const bad: Record<string, string | null> = {
    missing: null,
    malformed: 'rubbish',
    unsigned: `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
    expired: signed(HS256, { ...claims, iat: now - 7_200, exp: now - 1 }),
    'of a deleted user': signed(HS256, { ...claims, user_id: gone?.id ?? 0 }),
  };
  const wrong: string[] = [];
  let count = 0;
  for (const operation of operations.filter(({ who }) => who !== 'public')) {
    for (const [kind, token] of Object.entries(bad)) {
      const answer = await ask(operation, addressOf(operation, nothing), token, exampleBodyOf(operation));
      count += 1;
      const fault = answer.statusCode === 401 ? faultOf(operation, answer) : `${answer.statusCode}`;
      if (fault) wrong.push(`${operation.method} ${operation.path}, token ${kind}: ${fault}`);
    }
  }
  report('bad tokens', count);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(400);
});

const ROLES: Readonly<Record<PersonName, { role: Who | 'agent'; isSubscribed: boolean }>> = {
  ...{ root: { role: 'superadmin', isSubscribed: true }, acme: { role: 'admin', isSubscribed: true } },
  ...{ bolt: { role: 'admin', isSubscribed: true }, idle: { role: 'admin', isSubscribed: false } },
  ...{ anna: { role: 'agent', isSubscribed: true }, ante: { role: 'agent', isSubscribed: true } },
  ...{ bob: { role: 'agent', isSubscribed: true }, ida: { role: 'agent', isSubscribed: false } },
};

const isAdmitted = (name: PersonName, who: Who): boolean => {
  const { role, isSubscribed } = ROLES[name];
  if (who === 'subscriber') return isSubscribed;
  return who === 'public' || who === 'user' || who === role;
};

it('every operation admits exactly the roles it says, and answers as documented', async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const operation of operations) {
    for (const name of PERSON_NAMES) {
      const answer = await ask(operation, addressOf(operation, nothing), rig.tokens[name]);
      count += 1;
      const fault = faultOf(operation, answer);
      if (fault) wrong.push(`${name}: ${fault}`);
      if (!isAdmitted(name, operation.who) && answer.statusCode !== 403) {
        wrong.push(`${name} is let in to ${operation.method} ${operation.path} (${answer.statusCode})`);
      }
    }
  }
  report('roles', count);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(700);
});

type Owned = Readonly<Record<string, string | number>>;

/** One object of each kind that belongs to the person. */
const makeObjects = async (owner: PersonName): Promise<Record<'lead' | 'campaign' | 'session' | 'profile', Owned>> => {
  const ownerId = rig.ids[owner];
  const idOf = async (sql: string, values: unknown[]) => (await rig.sql<{ id: number }>(sql, values))[0]?.id ?? 0;
  const lead = await idOf(
    `insert into leads (owner_id, phone, country_code, phone_e164) values (?, '888123456', '+359', '+359888123456') returning id`,
    [ownerId],
  );
  const campaign = await idOf(`insert into campaigns (owner_id, name) values (?, 'C') returning id`, [ownerId]);
  const profile = await idOf(
    `insert into agent_profiles (owner_id, name, instruction, greeting) values (?, ?, 'I', 'G') returning id`,
    [ownerId, randomUUID()],
  );
  const session = await rig.addRow({ owner_id: ownerId });
  await rig.put({ 'mixed_20251201_120423.wav': wave(1) }, session);
  return {
    lead: { id: lead },
    campaign: { id: campaign },
    profile: { profileId: profile },
    session: { session_id: session, callId: session, audio_type: 'mixed', file: 'mixed_20251201_120423.wav' },
  };
};

const KINDS: readonly (readonly [RegExp, 'lead' | 'campaign' | 'session' | 'profile'])[] = [
  [/^\/api\/crm\/leads\/\{/, 'lead'],
  [/^\/api\/crm\/campaigns\/\{/, 'campaign'],
  [/^\/api\/v1\/agent-profiles\/\{/, 'profile'],
  [/\{(session_id|callId)\}/, 'session'],
];

/** Whose objects each person may see besides their own. */
const SEES: Readonly<Record<PersonName, readonly PersonName[]>> = {
  ...{ root: PERSON_NAMES, acme: ['acme', 'anna', 'ante'], bolt: ['bolt', 'bob'], idle: ['idle', 'ida'] },
  ...{ anna: ['anna'], ante: ['ante'], bob: ['bob'], ida: ['ida'] },
};

const fingerprint = async (): Promise<string> =>
  JSON.stringify(
    await rig.sql(`select
      (select jsonb_agg(to_jsonb(l) order by id) from leads l) as leads,
      (select jsonb_agg(to_jsonb(c) order by id) from campaigns c) as campaigns,
      (select jsonb_agg(to_jsonb(p) order by id) from agent_profiles p) as profiles,
      (select jsonb_agg(to_jsonb(s) order by id) from call_sessions s) as sessions`),
  );

const refusalOf = ({ path }: ApiOperation): number => (path === '/api/latency/{session_id}' ? NOT_LIVE : 403);

it('nobody reaches an object of another tenant by any operation, and nothing of it changes', async () => {
  const owners = ['acme', 'anna', 'bolt', 'bob'] as const;
  const objects = new Map<PersonName, Awaited<ReturnType<typeof makeObjects>>>();
  for (const owner of owners) objects.set(owner, await makeObjects(owner));
  const before = await fingerprint();
  const strangersTo = (owner: PersonName) => PERSON_NAMES.filter((person) => !SEES[person].includes(owner));
  const meetings = owners.flatMap((owner) => strangersTo(owner).map((name) => ({ owner, name })));
  const attempts = operations.flatMap((operation) => {
    const kind = KINDS.find(([pattern]) => pattern.test(operation.path))?.[1];
    return kind ? meetings.map((meeting) => ({ ...meeting, operation, kind })) : [];
  });
  const wrong: string[] = [];
  for (const { owner, name, operation, kind } of attempts) {
    const url = addressOf(operation, objects.get(owner)?.[kind] ?? {});
    const answer = await ask(operation, url, rig.tokens[name], exampleBodyOf(operation));
    const fault = faultOf(operation, answer) ?? (answer.statusCode === refusalOf(operation) ? null : operation.path);
    if (fault) wrong.push(`${name} at ${owner}'s ${kind}, ${operation.method} ${answer.statusCode}: ${fault}`);
  }
  const count = attempts.length;
  report('objects of others', count);
  expect(wrong).toEqual([]);
  expect(await fingerprint()).toBe(before);
  expect(count).toBeGreaterThan(400);
});
