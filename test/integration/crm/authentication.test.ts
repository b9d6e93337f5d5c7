import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokens } from '#http/crm/tokens.ts';
import { createCrmRig, PASSWORD, PERSON_NAMES, type CrmRig } from '../../fakes/crm-rig.ts';
import { JWT_SECRET, TOKEN } from '../../fakes/http.ts';

let crm: CrmRig;

beforeAll(async () => {
  crm = await createCrmRig();
});

afterAll(() => crm.close());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const forge = (header: object, claims: object, hash = 'sha256', secret = JWT_SECRET) => {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
};

const NOW = Math.floor(Date.now() / 1_000);
const claims = (change: object = {}) => ({
  user_id: crm.ids.acme,
  role: 'admin',
  iat: NOW,
  exp: NOW + 3_600,
  ...change,
});
const HS256 = { alg: 'HS256', typ: 'JWT' };

const me = (token: string | null) => crm.withToken(token).get('/api/auth/me');

describe('a token', () => {
  it('of everybody in the rig tells who they are', async () => {
    for (const name of PERSON_NAMES) {
      const answer = await crm.as(name).get('/api/auth/me');
      expect([answer.statusCode, answer.json().username]).toEqual([200, name]);
    }
  });
});
