/** The account of one import of leads. Pure. */
import type { LeadFields } from './lead.ts';
import type { LeadRow } from './lead-row.ts';

export const MAX_IMPORT_ROWS = 50_000;
const MAX_ENTRIES = 100;

export type ImportError = { row: number; phone: string; reason: string };
export type ImportWarning = { row: number; reason: string };

/** `totalRows` = imported + skipped + failed. */
export type ImportCounts = { totalRows: number; imported: number; skippedDuplicates: number; failed: number };
export type ImportResult = ImportCounts & { errors: readonly ImportError[]; warnings: readonly ImportWarning[] };

/** Keeps count while the rows go by; of errors and warnings the first hundred are kept. */
export const createImportTally = () => {
  const counts: ImportCounts = { totalRows: 0, imported: 0, skippedDuplicates: 0, failed: 0 };
  const errors: ImportError[] = [];
  const warnings: ImportWarning[] = [];
  const seen = new Set<string>();
  return {
    counts: counts as Readonly<ImportCounts>,
    /** The lead to store, or null when there is nothing to store. `row`: number of the record, header = 1. */
    take(row: number, read: LeadRow): LeadFields | null {
      counts.totalRows += 1;
      if (!read.ok) {
        counts.failed += 1;
        if (errors.length < MAX_ENTRIES) errors.push({ row, phone: read.phone, reason: read.reason });
        return null;
      }
      if (seen.has(read.lead.number.e164)) {
        counts.skippedDuplicates += 1;
        return null;
      }
      seen.add(read.lead.number.e164);
      if (read.warning !== null && warnings.length < MAX_ENTRIES) warnings.push({ row, reason: read.warning });
      return read.lead;
    },
    /** Of `offered` leads so many were new to the owner. */
    stored(offered: number, inserted: number) {
      counts.imported += inserted;
      counts.skippedDuplicates += offered - inserted;
    },
    result: (): ImportResult => ({ ...counts, errors, warnings }),
  };
};

export type ImportTally = ReturnType<typeof createImportTally>;

/** Such as `csv_import_20251201_120423_a1b2`. */
export const importBatchId = (at: Date, random: string): string =>
  `csv_import_${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')}_${random}`;
