/** What the routes of leads need of the rest. */
import type { LeadFields, LeadPage, LeadRecord } from '#domain/lead.ts';
import type { OwnerScope } from '#domain/user.ts';

/** Rows of leads. Methods reject as `CallRecords` does. */
export interface LeadStore {
  create(ownerId: number, lead: LeadFields): Promise<LeadRecord>;
  /** Newest first. */
  list(scope: OwnerScope, page: LeadPage): Promise<{ leads: readonly LeadRecord[]; total: number }>;
  find(id: number): Promise<LeadRecord | null>;
  /** Changes what is given. Null when the lead is gone. */
  update(id: number, change: Partial<LeadFields>): Promise<LeadRecord | null>;
  /** False when the lead is gone. */
  remove(id: number): Promise<boolean>;
  /** All, newest first, one page after the other. */
  pages(scope: OwnerScope): AsyncIterable<readonly LeadRecord[]>;
}

/** Stores all batches, or none when `batches` throws; that error is thrown on. */
export type ImportLeads = (request: {
  ownerId: number;
  batchId: string;
  batches: AsyncIterable<readonly LeadFields[]>;
  onStored: (offered: number, inserted: number) => void;
}) => Promise<void>;
