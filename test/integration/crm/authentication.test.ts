import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';
import { createCrmRig, PASSWORD, PERSON_NAMES, type CrmRig } from '../../fakes/crm-rig.ts';
import { JWT_SECRET, TOKEN } from '../../fakes/http.ts';

let crm: CrmRig;

beforeAll(async () => {
  crm = await createCrmRig(({ database }) => {
    const { list, find, ownerOf, timeline } = createCallsRepository(database);
    const [transcripts, recordings] = [createTranscriptsRepository(database), createRecordingsRepository(database)];
    return { records: { list, find, ownerOf, timeline, transcript: transcripts.list, recording: recordings.find } };
  });
});

afterAll(() => crm.close());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const forge = (header: object, claims: object, hash = 'sha256', secret = JWT_SECRET) => {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
};

const NOW = Math.floor(Date.now() / 1_000);
const HS256 = { alg: 'HS256', typ: 'JWT' };
const claims = (change: object = {}) => ({
  user_id: crm.ids.acme,
  role: 'admin',
  iat: NOW,
  exp: NOW + 3_600,
  ...change,
});
const me = (token: string | null) => crm.withToken(token).get('/api/auth/me');

const addUser = async (username: string, role = 'admin') => {
  const [row] = await crm.sql<{ id: number }>(
    `insert into users (username, email, hashed_password, role) values (?, ?, 'x', ?) returning id`,
    [username, `${username}@example.com`, role],
  );
  return row?.id ?? 0;
};

describe('a token', () => {
  it('tells who everybody is, and how far they see', async () => {
    for (const name of PERSON_NAMES) {
      const answer = await crm.as(name).get('/api/auth/me');
      expect([answer.statusCode, answer.json().username]).toEqual([200, name]);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    expect((await crm.as('anna').get('/api/auth/me')).json()).toEqual({
      ...{ id: crm.ids.anna, username: 'anna', email: 'anna@example.com', role: 'agent' },
      ...{ first_name: null, last_name: null, full_name: 'anna', organization: null },
      ...{ created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), created_by_id: crm.ids.acme, gate_slot: 9 },
    });
  });

  it('that is forged as the real one is made is accepted, so that the attacks below fail for their own reason', async () => {
    expect((await me(forge(HS256, claims()))).statusCode).toBe(200);
  });

  const attacks: Record<string, () => string> = {
    'is no token': () => 'rubbish',
    'has two parts': () => forge(HS256, claims()).split('.').slice(0, 2).join('.'),
    'is unsigned (alg none)': () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims())}.`,
    'says None': () => `${encode({ alg: 'None', typ: 'JWT' })}.${encode(claims())}.`,
    'has an empty signature': () => `${encode(HS256)}.${encode(claims())}.`,
    'is signed by another secret': () => forge(HS256, claims(), 'sha256', 'another secret of the same length, or so'),
    'is signed by another algorithm': () => forge({ alg: 'HS512', typ: 'JWT' }, claims(), 'sha512'),
    'claims to be asymmetric': () => forge({ alg: 'RS256', typ: 'JWT' }, claims()),
    'has expired': () => forge(HS256, claims({ iat: NOW - 7_200, exp: NOW - 1 })),
    'never expires': () => forge(HS256, { user_id: crm.ids.acme, role: 'admin', iat: NOW }),
    'lasts for ever': () => forge(HS256, claims({ iat: NOW - 86_500, exp: NOW + 10 * 365 * 86_400 })),
    'has no user': () => forge(HS256, { role: 'superadmin', iat: NOW, exp: NOW + 60 }),
    'has a user of text': () => forge(HS256, claims({ user_id: String(crm.ids.acme) })),
    'has user 0': () => forge(HS256, claims({ user_id: 0 })),
    'has a user beyond all ids': () => forge(HS256, claims({ user_id: 9_999_999_999 })),
    'has a user that never was': () => forge(HS256, claims({ user_id: 2_000_000_000 })),
    'was changed in its claims': () => {
      const [head, , mac] = forge(HS256, claims()).split('.');
      return `${head}.${encode(claims({ user_id: crm.ids.root, role: 'superadmin' }))}.${mac}`;
    },
    'is the API token': () => TOKEN,
  };

  it.each(Object.keys(attacks))('that %s is 401 with a text', async (name) => {
    const answer = await me(attacks[name]?.() ?? '');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toEqual({ code: 'token_invalid', detail: 'The token is not valid.' });
  });

  it('that is missing is 401, not 403', async () => {
    const answer = await me(null);
    expect([answer.statusCode, typeof answer.json().detail]).toEqual([401, 'string']);
  });

  it('of a user who was deleted is 401, and never means the next user', async () => {
    const id = await addUser('shortlived');
    const token = forge(HS256, claims({ user_id: id }));
    expect((await me(token)).statusCode).toBe(200);
    await crm.sql('delete from users where id = ?', [id]);
    expect((await me(token)).statusCode).toBe(401);
    expect(await addUser('next')).toBeGreaterThan(id);
    expect((await me(token)).statusCode).toBe(401);
  });

  it('of a disabled user is 403', async () => {
    const id = await addUser('disabled');
    await crm.sql('update users set is_active = false where id = ?', [id]);
    const answer = await me(forge(HS256, claims({ user_id: id })));
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'account_disabled']);
  });

  it('gives the role that the database knows, not the one it claims', async () => {
    const token = forge(HS256, claims({ user_id: crm.ids.anna, role: 'superadmin' }));
    expect((await crm.withToken(token).get('/api/superadmin/stats')).statusCode).toBe(403);
    expect((await me(token)).json().role).toBe('agent');
  });
});

describe('the API token', () => {
  it('is a superadmin of the native API', async () => {
    expect((await crm.operator.get('/api/v1/calls')).statusCode).toBe(200);
    expect((await crm.as('root').get('/api/v1/calls')).statusCode).toBe(200);
    expect((await crm.anonymous.get('/api/v1/calls')).statusCode).toBe(401);
  });
});

describe('errors', () => {
  const ORIGIN = { origin: 'http://localhost:3000' };

  it.each([
    ['no token', 'GET', '/api/auth/me', 401],
    ['no such address', 'GET', '/api/nothing', 404],
    ['a wrong body', 'POST', '/api/auth/login', 422],
  ] as const)('carry CORS headers: %s', async (_, method, url, status) => {
    const answer = await crm.app.inject({ method, url, headers: ORIGIN });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:3000');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(typeof answer.json().detail).toBe('string');
  });

  it('are not readable for pages of other origins', async () => {
    const answer = await crm.app.inject({
      method: 'GET',
      url: '/api/auth/me',
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.headers['access-control-allow-origin']).not.toBe('https://evil.example');
  });

  it('are not made of preflights, which need no token', async () => {
    const answer = await crm.app.inject({
      method: 'OPTIONS',
      url: '/api/auth/me',
      headers: { ...ORIGIN, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-max-age']).toBe('600');
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization');
  });

  it('name the fields in one sentence', async () => {
    const answer = await crm.anonymous.post('/api/auth/register', { username: 'ab', email: 'no address' });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toEqual({
      code: 'invalid_request',
      detail: expect.stringContaining('email must be an e-mail address.'),
      errors: expect.arrayContaining([{ field: 'password', message: 'password is missing.' }]),
    });
  });

  it.each([
    ['not JSON', '{"username": '],
    ['a list', '[]'],
    ['text', '"x"'],
    ['empty', ''],
    ['null', 'null'],
    ['nested without end', `{"username":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
    ['with a NUL', '{"username":"a\\u0000b","password":"x"}'],
  ])('a body that is %s is 422', async (_, payload) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await crm.app.inject({ method: 'POST', url: '/api/auth/login', headers, payload });
    expect([answer.statusCode, typeof answer.json().detail]).toEqual([422, 'string']);
  });

  it('do not come of a body-less POST that a browser calls a form', async () => {
    const headers = { authorization: `Bearer ${crm.tokens.anna}`, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await crm.app.inject({ method: 'POST', url: '/api/auth/verify-token', headers });
    expect([answer.statusCode, answer.json().valid]).toEqual([200, true]);
    const json = { ...headers, 'content-type': 'application/json' };
    expect((await crm.app.inject({ method: 'POST', url: '/api/auth/verify-token', headers: json })).statusCode).toBe(
      200,
    );
    expect((await crm.as('anna').post('/api/auth/verify-token')).statusCode).toBe(200);
  });

  it('of a fault tell nothing of it', async () => {
    await crm.sql('alter table slot_adjustments rename to away');
    const answer = await crm.as('acme').get('/api/billing/slot-adjustments');
    await crm.sql('alter table away rename to slot_adjustments');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({ code: 'internal_error', detail: 'Something went wrong; the log has the details.' });
  });
});

describe('log-in', () => {
  const login = (username: string, password: string) => crm.anonymous.post('/api/auth/login', { username, password });

  it('gives a token that works, and notes when', async () => {
    const answer = await login('anna', PASSWORD);
    expect(answer.statusCode).toBe(200);
    const { access_token: token, token_type: type, user } = answer.json();
    expect([type, user.username, (await me(token)).statusCode]).toEqual(['bearer', 'anna', 200]);
    const { iat, exp, ...rest } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect([exp - iat, rest]).toEqual([86_400, { user_id: crm.ids.anna, role: 'agent' }]);
    const agents = (await crm.as('acme').get('/api/users/agents')).json();
    expect(agents[0]).toMatchObject({ username: 'anna', last_login: expect.stringMatching(/Z$/) });
  });

  it('says the same for a wrong password and for nobody', async () => {
    const [wrong, nobody] = [await login('anna', 'wrong one'), await login('nobody', 'wrong one')];
    expect([wrong.statusCode, nobody.statusCode]).toEqual([401, 401]);
    expect(wrong.body).toBe(nobody.body);
  });

  it('of a disabled account is 403 with the right password only', async () => {
    await crm.sql(`update users set is_active = false where username = 'ida'`);
    expect((await login('ida', PASSWORD)).statusCode).toBe(403);
    expect((await login('ida', 'wrong one')).statusCode).toBe(401);
    await crm.sql(`update users set is_active = true where username = 'ida'`);
  });

  it('is slowed down after ten failures with one name, for that name alone', async () => {
    for (let failure = 0; failure < 10; failure += 1) expect((await login('bob', 'wrong one')).statusCode).toBe(401);
    const refused = await login('bob', PASSWORD);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login('bolt', PASSWORD)).statusCode).toBe(200);
  });
});

describe('passwords', () => {
  const change = (name: 'anna' | 'acme', current: string, next: string) =>
    crm.as(name).post('/api/auth/change-password', { current_password: current, new_password: next });

  it('are changed by agents who know theirs; a wrong one is 400, never 401', async () => {
    expect((await change('anna', 'wrong one', 'new secret')).statusCode).toBe(400);
    expect((await change('anna', PASSWORD, 'short')).statusCode).toBe(422);
    expect((await change('anna', PASSWORD, 'new secret')).statusCode).toBe(200);
    expect((await crm.anonymous.post('/api/auth/login', { username: 'anna', password: PASSWORD })).statusCode).toBe(
      401,
    );
    expect((await change('anna', 'new secret', PASSWORD)).statusCode).toBe(200);
  });

  it('of admins are set by the superadmin', async () => {
    expect((await change('acme', PASSWORD, 'new secret')).statusCode).toBe(403);
    const reset = (url: string, password: string) => crm.as('root').post(url, { new_password: password });
    const url = `/api/superadmin/admins/${crm.ids.idle}/reset-password`;
    expect((await reset(url, 'short')).statusCode).toBe(400);
    expect((await reset(`/api/superadmin/agents/${crm.ids.idle}/reset-password`, 'new secret')).statusCode).toBe(404);
    expect((await reset(url, 'new secret')).json()).toEqual({ message: 'Password reset.' });
    const login = { username: 'idle', password: 'new secret' };
    expect((await crm.anonymous.post('/api/auth/login', login)).statusCode).toBe(200);
  });
});

describe('calls of the native API', () => {
  const newCall = async (ownerId: number | null) => {
    const id = randomUUID();
    await crm.sql(
      `insert into call_sessions (session_id, direction, status, started_at, owner_id) values (?, 'inbound', 'answered', now(), ?)`,
      [id, ownerId],
    );
    return id;
  };

  it('are seen by their owner, its admin and superadmins, and by nobody else', async () => {
    const [annas, bobs, nobodys] = [await newCall(crm.ids.anna), await newCall(crm.ids.bob), await newCall(null)];
    const seen = async (name: 'root' | 'acme' | 'anna' | 'ante') => {
      const { calls } = (await crm.as(name).get('/api/v1/calls')).json() as { calls: { callId: string }[] };
      return [annas, bobs, nobodys].map((id) => calls.some(({ callId }) => callId === id));
    };
    expect(await seen('root')).toEqual([true, true, true]);
    expect(await seen('acme')).toEqual([true, false, false]);
    expect(await seen('anna')).toEqual([true, false, false]);
    expect(await seen('ante')).toEqual([false, false, false]);
    for (const part of ['', '/timeline', '/transcript', '/recording', '/replay']) {
      const statuses = [];
      for (const id of [bobs, nobodys])
        statuses.push((await crm.as('anna').get(`/api/v1/calls/${id}${part}`)).statusCode);
      expect([part, ...statuses]).toEqual([part, 403, 403]);
      expect((await crm.as('anna').get(`/api/v1/calls/${randomUUID()}${part}`)).statusCode).toBe(404);
    }
    expect((await crm.as('anna').post(`/api/v1/calls/${bobs}/hangup`)).statusCode).toBe(403);
    expect((await crm.as('acme').get(`/api/v1/calls/${annas}`)).statusCode).toBe(200);
  });
});
