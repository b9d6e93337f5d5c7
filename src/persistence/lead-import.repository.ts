/** Stores imported leads: all or none, and nobody twice for one owner. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { LeadFields } from '#domain/lead.ts';
import { statements } from './crm-tables.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';
import { toSafeJson } from './journal-batch.ts';

export type LeadImportRequest = {
  ownerId: number;
  /** Kept with every lead. */
  batchId: string;
  batches: AsyncIterable<readonly LeadFields[]>;
  /** Told after each batch how many of it were new to the owner. */
  onStored: (offered: number, inserted: number) => void;
};

/** Any number will do, as long as nothing else locks with it. */
const IMPORT_LOCK = 4_120_517;

const rowOf = ({ number, ...lead }: LeadFields, place: number) => ({
  place,
  first_name: lead.firstName,
  last_name: lead.lastName,
  email: lead.email,
  country: lead.country,
  gender: lead.gender,
  address: lead.address,
  phone: number.national,
  country_code: number.countryCode,
  phone_e164: number.e164,
});

const insertNew = async (
  em: EntityManager,
  { ownerId, batchId }: LeadImportRequest,
  leads: readonly LeadFields[],
): Promise<number> => {
  const { numAffectedRows } = await sql`
    insert into leads (owner_id, import_batch_id, first_name, last_name, email, country, gender, address, phone, country_code, phone_e164)
    select ${ownerId}, ${batchId}, r.first_name, r.last_name, r.email, r.country, r.gender, r.address, r.phone, r.country_code, r.phone_e164
    from jsonb_to_recordset(${toSafeJson(leads.map(rowOf))}::jsonb) as r(place int, first_name text, last_name text, email text, country text,
      gender text, address text, phone text, country_code text, phone_e164 text)
    where not exists (select from leads known where known.phone_e164 = r.phone_e164 and known.owner_id = ${ownerId})
    order by r.place`.execute(statements(em));
  return Number(numAffectedRows ?? 0n);
};

/**
 * Takes the batches one by one into one transaction; when `batches` throws, nothing was stored, and the error is thrown on
 * as it is. Imports of one owner wait for each other, as two of the same file would otherwise not see each other's rows.
 */
export const createLeadImport =
  (database: DatabaseAccess) =>
  async (request: LeadImportRequest): Promise<void> => {
    let broken: { error: unknown } | null = null;
    const run = async (em: EntityManager) => {
      await sql`select pg_advisory_xact_lock(${IMPORT_LOCK}, ${request.ownerId})`.execute(statements(em));
      const batches = request.batches[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await batches.next().catch((error: unknown) => {
            broken = { error };
            throw error;
          });
          if (next.done) return;
          request.onStored(next.value.length, await insertNew(em, request, next.value));
        }
      } finally {
        await batches.return?.();
      }
    };
    try {
      await guarded(database, (em) => em.transactional(run));
    } catch (error) {
      throw (broken as { error: unknown } | null)?.error ?? error;
    }
  };
