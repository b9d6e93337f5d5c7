import { expect, it } from 'vitest';
import { linksOf, type LeadMatch } from '#domain/call-links.ts';

const match = (leadId: number, ownerId: number, tenantId: number): LeadMatch => ({ leadId, ownerId, tenantId });

const ACME = 2;
const ANNA = 5;
const BOLT = 3;

it.each<[string, LeadMatch[], number | null, number | null, { ownerId: number | null; leadId: number | null }]>([
  ['nobody knows the number', [], null, null, { ownerId: null, leadId: null }],
  ['the only lead tells the owner', [match(10, ANNA, ACME)], null, null, { ownerId: ANNA, leadId: 10 }],
  [
    'of several leads of one tenant the first counts',
    [match(10, ANNA, ACME), match(11, ACME, ACME)],
    null,
    null,
    { ownerId: ANNA, leadId: 10 },
  ],
  [
    'leads of two tenants tell nothing',
    [match(10, ANNA, ACME), match(12, BOLT, BOLT)],
    null,
    null,
    { ownerId: null, leadId: null },
  ],
  [
    'the default owner takes what leads do not tell, with its own lead',
    [match(10, ANNA, ACME), match(12, BOLT, BOLT)],
    null,
    BOLT,
    { ownerId: BOLT, leadId: 12 },
  ],
  [
    'a known owner comes before the lead of another tenant',
    [match(12, BOLT, BOLT)],
    ACME,
    BOLT,
    { ownerId: ACME, leadId: null },
  ],
  [
    'an admin is linked to its agent’s lead, its own first',
    [match(10, ANNA, ACME), match(11, ACME, ACME)],
    ACME,
    null,
    { ownerId: ACME, leadId: 11 },
  ],
  ['an agent is not linked to its admin’s lead', [match(11, ACME, ACME)], ANNA, null, { ownerId: ANNA, leadId: null }],
])('%s', (_name, matches, ...[knownOwner, defaultOwner, expected]) => {
  expect(linksOf(matches, { knownOwner, defaultOwner })).toEqual(expected);
});
