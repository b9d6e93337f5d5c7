/** Takes a CSV file of leads in: to a temporary file first, so that a slow client holds no transaction open. */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  createImportTally,
  importBatchId,
  MAX_IMPORT_ROWS,
  type ImportCounts,
  type ImportResult,
  type ImportTally,
} from '#domain/lead-import.ts';
import { readLeadHeader, readLeadRow } from '#domain/lead-row.ts';
import type { LeadFields } from '#domain/lead.ts';
import { Problem } from '#http/problem.ts';
import { createTurns } from './turns.ts';
import { readCsv } from './csv-file.ts';
import type { ImportLeads } from './lead.ports.ts';

export const MAX_IMPORT_BYTES = 10 * 1024 * 1024;
const BATCH_ROWS = 500;
/** Each holds a database connection. */
const IMPORTS_AT_ONCE = 2;

export type ImportProgress = Readonly<ImportCounts> & {
  bytesRead: number;
  bytesTotal: number;
};
export type FinishedImport = ImportResult & { batchId: string };

/** A file that was uploaded whole. Disposing deletes it. */
export type UploadedFile = AsyncDisposable & { path: string; bytes: number };

const refuse = (code: string, message: string) => new Problem(400, code, message);

const tooLarge = () =>
  new Problem(413, 'file_too_large', 'The file is larger than 10 MB. Split it and import the parts.');

/** Throws a 413 when it is larger than allowed; nothing is left on disk then. */
export const keepUpload = async (upload: Readable): Promise<UploadedFile> => {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-import-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'leads.csv');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > MAX_IMPORT_BYTES) done(tooLarge());
      else done(null, chunk);
    },
  });
  try {
    await pipeline(upload, counted, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, bytes, [Symbol.asyncDispose]: remove };
};

type Reading = {
  file: UploadedFile;
  tally: ImportTally;
  defaultRegion: string | null;
  onRead: (bytes: number) => void;
};

async function* bytesOf({ file, onRead }: Reading): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file.path, {
    highWaterMark: 16 * 1024,
  }) as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}

/** The good rows, in batches. Throws a 400 when the file as a whole cannot be taken. */
async function* batchesOf(reading: Reading): AsyncGenerator<readonly LeadFields[]> {
  const { tally, defaultRegion } = reading;
  const records = readCsv(bytesOf(reading));
  const first = await records.next();
  const header = readLeadHeader(first.value ?? []);
  if (!header) throw refuse('csv_without_phone', 'The file has no column "phone" in its first line.');
  let batch: LeadFields[] = [];
  let row = 1;
  for await (const cells of records) {
    row += 1;
    if (row > MAX_IMPORT_ROWS + 1) {
      throw refuse('csv_too_long', `The file has more than ${MAX_IMPORT_ROWS} rows. Split it and import the parts.`);
    }
    const lead = tally.take(row, readLeadRow(header, cells, defaultRegion));
    if (lead) batch.push(lead);
    if (batch.length === BATCH_ROWS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

export type ImportRequest = {
  ownerId: number;
  file: UploadedFile;
  onProgress?: (progress: ImportProgress) => void;
};

export type LeadImporter = ReturnType<typeof createLeadImporter>;

type Deps = {
  importLeads: ImportLeads;
  defaultRegion: string | null;
  now: () => number;
};

/** Imports wait for each other beyond two at a time. Rejects with a `Problem` for what is wrong with the file. */
export const createLeadImporter = ({ importLeads, defaultRegion, now }: Deps) => {
  const takeTurn = createTurns(IMPORTS_AT_ONCE);
  return ({ ownerId, file, onProgress }: ImportRequest): Promise<FinishedImport> =>
    takeTurn(async () => {
      const tally = createImportTally();
      const batchId = importBatchId(new Date(now()), randomBytes(2).toString('hex'));
      let bytesRead = 0;
      const onRead = (bytes: number) => {
        bytesRead += bytes;
      };
      await importLeads({
        ownerId,
        batchId,
        batches: batchesOf({ file, tally, defaultRegion, onRead }),
        onStored: (offered, inserted) => {
          tally.stored(offered, inserted);
          onProgress?.({ ...tally.counts, bytesRead, bytesTotal: file.bytes });
        },
      });
      return { ...tally.result(), batchId };
    });
};
