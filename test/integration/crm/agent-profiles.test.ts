import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCrmRig, type CrmRig } from '../../fakes/crm-rig.ts';

let crm: CrmRig;

beforeAll(async () => {
  crm = await createCrmRig();
});

afterAll(() => crm.close());

const PROFILE = { name: 'Reception', instruction: 'You answer the telephone.', greeting: 'Good day.' };
const URL = '/api/v1/agent-profiles';
const patch = (url: string, token: string, payload: object) =>
  crm.app.inject({ method: 'PATCH', url, payload, headers: { authorization: `Bearer ${token}` } });

it('keeps each change of a profile as a version', async () => {
  const created = await crm.as('acme').post(URL, PROFILE);
  expect([created.statusCode, created.json()]).toEqual([
    201,
    {
      ...{ ...PROFILE, id: expect.any(Number), ownerId: crm.ids.acme, version: 1 },
      ...{ language: null, voice: null, greetingMode: null },
      ...{ isDefault: false, createdAt: expect.stringMatching(/Z$/), updatedAt: expect.stringMatching(/Z$/) },
    },
  ]);
  const { id } = created.json();
  const changed = await patch(`${URL}/${id}`, crm.tokens.acme, { greeting: 'Hello.', language: 'bg-BG' });
  expect(changed.json()).toMatchObject({ version: 2, greeting: 'Hello.', language: 'bg-BG', name: 'Reception' });
  expect((await crm.as('anna').get(URL)).json().profiles).toEqual([]);
  expect((await crm.as('acme').get(`${URL}/${id}`)).json()).toMatchObject({ id, version: 2 });
  const { versions } = (await crm.as('acme').get(`${URL}/${id}/versions`)).json();
  expect(versions.map((kept: { version: number; content: { greeting: string } }) => kept.content.greeting)).toEqual([
    ...['Hello.', 'Good day.'],
  ]);
});

it('refuses a second profile of the same name, and lets one be the default at a time', async () => {
  expect((await crm.as('bolt').post(URL, { ...PROFILE, isDefault: true })).statusCode).toBe(201);
  expect((await crm.as('bolt').post(URL, PROFILE)).json().code).toBe('profile_name_taken');
  await crm.as('bolt').post(URL, { ...PROFILE, name: 'Night', isDefault: true });
  const { profiles } = (await crm.as('bolt').get(URL)).json();
  expect(profiles.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toMatchObject([{ name: 'Night' }]);
});

it('previews the prompt with the default profile, the lead and the language of its country', async () => {
  await crm.as('bob').post('/api/crm/leads', { phone: '+359888123456', first_name: 'Ivan', country: 'Bulgaria' });
  const { leads } = (await crm.as('bob').get('/api/crm/leads')).json();
  await crm.as('bolt').post(URL, { ...PROFILE, name: 'Chosen', instruction: 'You sell bolts.', isDefault: true });
  const preview = await crm.as('bob').post('/api/v1/prompt-previews', {
    leadId: leads[0].id,
    phoneNumber: '+359888123456',
    callConfig: { caller_name: 'Maria' },
  });
  expect(preview.statusCode).toBe(200);
  const { systemInstruction, language, voice, profileVersion } = preview.json();
  expect({ language, voice, profileVersion }).toEqual({ language: 'bg-BG', voice: 'Puck', profileVersion: 1 });
  for (const part of ['You sell bolts.', 'Your name is Maria and you call for Bolt.', '"first name": "Ivan"']) {
    expect(systemInstruction).toContain(part);
  }
  expect((await crm.as('anna').post('/api/v1/prompt-previews', { leadId: leads[0].id })).statusCode).toBe(403);
});
