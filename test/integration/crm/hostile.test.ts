/** Every operation of the API against requests that nobody means well with. */
import fc from 'fast-check';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse as Answer } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PersonName } from '../../fakes/crm-rig.ts';
import { createSessionRig, wave, type SessionRig } from '../../fakes/session-rig.ts';
import { hostileRequestsOf, SECRET_FILE } from '../../fixtures/crm/hostile-requests.ts';
import { addressOf, exampleBodyOf, operationsOf, type ApiOperation } from '../../fixtures/crm/operations.ts';

const RUNS = 4;
const PEOPLE: readonly PersonName[] = ['root', 'acme', 'anna'];
const SECRET = 'the content of a file that nobody may read';
const ABOVE_BODY_LIMIT = 1024 * 1024 + 1;
const ABOVE_UPLOAD_LIMIT = 10 * 1024 * 1024 + 1;
/** Plain text can be read, and is no object then. */
const REFUSALS_OF_TYPE: readonly number[] = [415, 422];
const LEAK =
  /\n\s+at |node_modules|\/tmp\/|\/src\/|\.ts:\d|\bselect\s.+\sfrom\b|insert into|syntax error at|mikro|pg_|ECONN/i;

let rig: SessionRig;
let operations: readonly ApiOperation[];
let count = 0;

beforeAll(async () => {
  rig = await createSessionRig();
  operations = await operationsOf(rig);
  await writeFile(join(rig.sessionsDirectory, '..', SECRET_FILE), SECRET);
});

afterAll(() => rig.close());

const send = (options: InjectOptions, name: PersonName | null): Promise<Answer> => {
  count += 1;
  return rig.app.inject({
    ...options,
    headers: { ...options.headers, ...(name && { authorization: `Bearer ${rig.tokens[name]}` }) },
  });
};

const compiled = new Map<object, ReturnType<typeof Compile<TSchema>>>();
const fits = (schema: object, value: unknown): boolean => {
  const check = compiled.get(schema) ?? Compile(schema as TSchema);
  compiled.set(schema, check);
  return check.Check(value);
};

const isJson = ({ headers }: Answer): boolean => String(headers['content-type']).startsWith('application/json');

/** Of a refusal. */
const textFault = (answer: Answer): string | null => {
  if (!isJson(answer)) return 'is no JSON';
  if (typeof answer.json<{ detail: unknown }>().detail !== 'string') return 'has no text';
  return LEAK.test(answer.body) ? 'tells of the inside' : null;
};

const carriesWhatItMustNot = ({ body, headers }: Answer): boolean =>
  body.includes(SECRET) || 'x-injected' in headers || 'set-cookie' in headers;

const documentFault = ({ responses }: ApiOperation, answer: Answer): string | null => {
  const documented = responses[String(answer.statusCode)];
  if (!documented) return 'is not documented';
  const schema = documented.content?.['application/json']?.schema;
  return schema && !(isJson(answer) && fits(schema, answer.json())) ? 'is not as documented' : null;
};

/** What is wrong with an answer; null: nothing. */
const faultOf = (operation: ApiOperation, answer: Answer): string | null => {
  const { statusCode } = answer;
  if (statusCode === 500) return 'is a fault';
  if (carriesWhatItMustNot(answer)) return 'carries what it must not';
  return (statusCode >= 400 ? textFault(answer) : null) ?? documentFault(operation, answer);
};

/** Things of a tenant of its own, to be harmed as far as the operations go. */
const makeVictims = async (): Promise<(operation: ApiOperation) => readonly string[]> => {
  const idOf = async (sql: string, values: unknown[]) =>
    String((await rig.sql<{ id: number }>(`${sql} returning id`, values))[0]?.id);
  const user = `insert into users (username, email, hashed_password, role, created_by_id, gate_slot) values (?, ?, 'x', ?, ?, ?)`;
  const admin = await idOf(user, ['victim', 'victim@example.com', 'admin', rig.ids.root, null]);
  const agent = await idOf(user, ['prey', 'prey@example.com', 'agent', rig.ids.acme, 15]);
  const owner = rig.ids.anna;
  const lead = await idOf(`insert into leads (owner_id, phone, phone_e164) values (?, '888', '+359888000999')`, [
    owner,
  ]);
  const campaign = await idOf(`insert into campaigns (owner_id, name) values (?, 'C')`, [owner]);
  const session = await rig.addRow({ owner_id: owner });
  await rig.put({ 'mixed_20251201_120423.wav': wave(1) }, session);
  return ({ path }) => {
    if (/^\/api\/(superadmin|users)\//.test(path)) return [admin, agent];
    return /\{(id|profileId|trunkId)\}/.test(path) ? [lead, campaign] : [session, 'mixed', 'mixed_20251201_120423.wav'];
  };
};

/** Everything of the users that were there before, but when they were last here. */
const usersBefore = async (newest: number): Promise<string> =>
  JSON.stringify(
    await rig.sql(`select to_jsonb(u) - 'last_login' - 'updated_at' as row from users u where id <= ? order by id`, [
      newest,
    ]),
  );

const folderBeside = async () => (await readdir(join(rig.sessionsDirectory, '..'))).sort();

const describeFailure = (error: unknown): string => {
  const { message, cause } = error as Error;
  return `${message.slice(0, 400)} … ${cause instanceof Error ? cause.message : ''}`;
};

// Another try would draw other requests, and hide what these have found.
const ONCE = { retry: 0, timeout: 180_000 };

it('no request whatever makes an operation fail, tell of its inside, or touch what is not its own', ONCE, async () => {
  const newest = Math.max(...Object.values(rig.ids));
  const before = await usersBefore(newest);
  const beside = await folderBeside();
  const idsOf = await makeVictims();
  const wrong: string[] = [];
  for (const operation of operations) {
    const { method, path } = operation;
    for (const name of PEOPLE) {
      const isHarmless = fc.asyncProperty(hostileRequestsOf(operation, idsOf(operation)), async ({ url, payload }) => {
        const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
        const answer = await send({ method, url, headers, ...(payload !== undefined && { payload }) }, name);
        const fault = faultOf(operation, answer);
        if (fault)
          throw new Error(`${name} ${method} ${path} ${answer.statusCode} ${fault}: ${answer.body.slice(0, 300)}`);
      });
      const run = fc.assert(isHarmless, { numRuns: RUNS, endOnFailure: true });
      await run.catch((error: unknown) => wrong.push(describeFailure(error)));
    }
  }
  process.stdout.write(`hostile: ${count} requests\n`);
  expect(wrong).toEqual([]);
  expect(await usersBefore(newest)).toBe(before);
  expect(await folderBeside()).toEqual(beside);
  expect(Object.prototype).not.toHaveProperty('isAdmin');
  expect(count).toBeGreaterThan(1_000);
});

const bodied = () => operations.filter((operation) => exampleBodyOf(operation) !== undefined);
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const target = (operation: ApiOperation) =>
  addressOf(operation, { id: 2_000_000_000, session_id: UNKNOWN, callId: UNKNOWN });

/** Roles come before bodies for all but superadmins, and admins where only they may. */
const admitted = ({ who }: ApiOperation): PersonName => (who === 'admin' ? 'acme' : 'root');

it('a body above the limit is refused with 413 and a text by every operation that takes one', async () => {
  const headers = { 'content-type': 'application/json' };
  const payload = JSON.stringify({ x: 'x'.repeat(ABOVE_BODY_LIMIT) });
  for (const operation of bodied()) {
    const answer = await send(
      { method: operation.method, url: target(operation), headers, payload },
      admitted(operation),
    );
    const told = [operation.path, answer.statusCode, textFault(answer)];
    expect(told).toEqual([operation.path, 413, null]);
  }
});

it('a body of another type is refused with a text by every operation that takes JSON', async () => {
  const types = ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'rubbish'];
  for (const operation of bodied()) {
    for (const type of types) {
      const options = {
        method: operation.method,
        url: target(operation),
        headers: { 'content-type': type },
        payload: 'a=b',
      };
      const answer = await send(options, admitted(operation));
      const told = [operation.path, type, REFUSALS_OF_TYPE.includes(answer.statusCode), textFault(answer)];
      expect(told).toEqual([operation.path, type, true, null]);
    }
  }
});

it('a file above the limit is refused with 413 and a text, and nothing of it is kept', async () => {
  const [{ before } = { before: -1 }] = await rig.sql<{ before: number }>('select count(*)::int as before from leads');
  const line = '+359888123456\n';
  const data = new FormData();
  data.set('file', new Blob(['phone\n', line.repeat(Math.ceil(ABOVE_UPLOAD_LIMIT / line.length))]), 'leads.csv');
  const answer = await send({ method: 'POST', url: '/api/crm/leads/import', payload: data }, 'anna');
  expect([answer.statusCode, textFault(answer)]).toEqual([413, null]);
  expect(await rig.sql('select count(*)::int as before from leads')).toEqual([{ before }]);
});
