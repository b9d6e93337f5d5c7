import { expect, test, vi } from 'vitest';
import { createPatientWrites } from '#app/patient-writes.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const rig = (options: { patienceMs?: number } = {}) => {
  const written: string[] = [];
  const database = { isOut: false, hangs: false };
  const writes = createPatientWrites({ log: silentLog, retryMs: 1, ...options });
  const keep = (what: string) =>
    writes.keep(async () => {
      if (database.hangs) await new Promise(() => {});
      if (database.isOut) throw new DatabaseError('unavailable', 'Postgres does not answer.');
      if (what === 'bad') throw new DatabaseError('badData', 'It cannot be stored.');
      written.push(what);
    });
  return { writes, database, written, keep };
};

test('M10: what an outage turned away is written after it, in order, and what came later behind it', async () => {
  const { database, written, keep, writes } = rig();
  await keep('before');
  database.isOut = true;
  await keep('first');
  await keep('second');
  expect(writes.waiting).toBe(2);
  database.isOut = false;
  await keep('third');
  await vi.waitFor(() => expect(written).toEqual(['before', 'first', 'second', 'third']));
  expect(writes.waiting).toBe(0);
});

test('nobody waits for a database that hangs', async () => {
  const { database, written, keep } = rig({ patienceMs: 1 });
  database.hangs = true;
  await keep('first');
  database.hangs = false;
  await vi.waitFor(() => expect(written).toEqual(['first']));
});

test('what the database refuses is told to who wrote it, and holds up nothing that waits', async () => {
  const { database, written, keep } = rig();
  await expect(keep('bad')).rejects.toMatchObject({ code: 'badData' });
  database.isOut = true;
  await keep('bad');
  await keep('good');
  database.isOut = false;
  await vi.waitFor(() => expect(written).toEqual(['good']));
});

test('disposed, it writes nothing more', async () => {
  const { database, written, keep, writes } = rig();
  database.isOut = true;
  await keep('first');
  writes[Symbol.dispose]();
  database.isOut = false;
  expect(writes.waiting).toBe(0);
  expect(written).toEqual([]);
});
