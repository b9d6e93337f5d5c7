import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
beforeAll(async () => {
  crm = await createCrmRig();
});
afterAll(() => crm.close());

const bar = (who: PersonName, number: string, reason?: string) =>
  crm.as(who).post('/api/v1/do-not-call', { number, ...(reason !== undefined && { reason }) });
const remove = async (who: PersonName, number: string) =>
  (await crm.as(who).delete(`/api/v1/do-not-call/${encodeURIComponent(number)}`)).statusCode;
const seenBy = async (who: PersonName) => {
  const answer = await crm.as(who).get('/api/v1/do-not-call');
  return (answer.json() as { numbers: { number: string }[] }).numbers.map(({ number }) => number).toSorted();
};

test('an agent bars a number for its tenant, a superadmin for everybody; nobody sees those of another tenant', async () => {
  const answer = await bar('anna', '+359 888 100 001', 'asked us to');
  expect([answer.statusCode, answer.json()]).toEqual([
    201,
    { number: '+359888100001', forEverybody: false, reason: 'asked us to', createdAt: expect.any(String) },
  ]);
  expect((await bar('root', '+359888100002')).json()).toMatchObject({ forEverybody: true, reason: null });
  await bar('bob', '+359888100003');
  for (const who of ['anna', 'ante', 'acme'] as const) {
    expect(await seenBy(who)).toEqual(['+359888100001', '+359888100002']);
  }
  expect(await seenBy('bob')).toEqual(['+359888100002', '+359888100003']);
  expect(await seenBy('root')).toHaveLength(3);
});

test('barring a number again changes nothing but a reason that is given', async () => {
  await bar('ante', '+359888200001', 'first');
  expect((await bar('acme', '+359888200001')).json()).toMatchObject({ reason: 'first' });
  expect((await bar('anna', '+359888200001', 'second')).json()).toMatchObject({ reason: 'second' });
  expect((await seenBy('anna')).filter((number) => number === '+359888200001')).toHaveLength(1);
});

test('whoever may bar a number may take it back, and nobody else', async () => {
  await bar('anna', '+359888300001');
  await bar('root', '+359888300002');
  expect(await remove('bob', '+359888300001')).toBe(404);
  expect(await remove('ante', '+359888300002')).toBe(404);
  expect(await remove('ante', '+359888300001')).toBe(204);
  expect(await remove('ante', '+359888300001')).toBe(404);
  expect(await remove('root', '+359888300002')).toBe(204);
});

test('what is no number is refused with what is wrong with it', async () => {
  const answer = await bar('anna', 'nobody');
  expect([answer.statusCode, answer.json()]).toMatchObject([422, { code: 'invalid_phone' }]);
});
