/** What the CRM routes stand on. */
import type { CrmPorts } from '#http/crm/ports.ts';
import type { Database } from '#persistence/database.ts';
import { createIdentities } from '#persistence/identities.ts';

export type CrmDeps = { database: Database };

export const createCrm = ({ database }: CrmDeps): CrmPorts => ({
  identities: createIdentities(database),
});
