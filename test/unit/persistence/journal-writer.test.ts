import { expect, it } from 'vitest';
import { createJournal } from '#persistence/journal.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { beginCall } from '../../fixtures/journalled-call.ts';

type SentCall = { call_id: string };

/** Answers as Postgres would. */
const createFakeDatabase = () => {
  let statements = 0;
  const run = async (_sql: string, [calls]: readonly unknown[]) => {
    statements += 1;
    return (JSON.parse(String(calls)) as SentCall[]).map(({ call_id: callId }) => ({
      callId,
      owned: true,
      storedEpoch: 1,
      storedSeq: 0,
    }));
  };
  return { run: run as RunStatement, statements: () => statements };
};

const GATHER_MS = 40;

const busyFor = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

const nextPiece = () => new Promise<void>((resolve) => setImmediate(resolve));

const openJournal = async () => {
  const database = createFakeDatabase();
  const journal = createJournal({ run: database.run, log: silentLog, gatherMs: GATHER_MS });
  const call = beginCall(journal);
  call.append();
  await call.durable();
  await nextPiece();
  return { database, call };
};

it('lets what a call does gather for a moment', async () => {
  const { database, call } = await openJournal();
  const before = database.statements();
  call.append();
  await nextPiece();
  expect(database.statements()).toBe(before);
});

it('C15: a process that is too busy for its timers writes each piece of work before the next one begins', async () => {
  const { database, call } = await openJournal();
  call.append();
  busyFor(2 * GATHER_MS);
  await expect.poll(database.statements, { interval: 1 }).toBe(2);

  call.append();
  await nextPiece();
  expect(database.statements()).toBe(3);
});

it('says when all that was appended is written, and does not wait for what never is', async () => {
  const never = Promise.withResolvers<never>();
  const database = createFakeDatabase();
  let isOut = false;
  const run: RunStatement = (sql, parameters) => (isOut ? never.promise : database.run(sql, parameters));
  const journal = createJournal({ run, log: silentLog, gatherMs: GATHER_MS });
  const call = beginCall(journal);
  call.append();
  await call.durable();

  call.append();
  await journal.written({ timeoutMs: 5_000 });
  expect(database.statements()).toBe(2);
  expect(journal.statistics().queuedEntries).toBe(0);

  isOut = true;
  call.append();
  await journal.written({ timeoutMs: 1 });
  expect(database.statements()).toBe(2);
});
