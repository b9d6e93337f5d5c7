import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createJournal, type JournalOptions, type PostgresJournal } from '#persistence/journal.ts';
import { createStatementRunner, type StatementRunner } from '#persistence/statement-runner.ts';
import { createRecordingLog, silentLog } from '../../fakes/silent-log.ts';
import { beginCall } from '../../fixtures/journalled-call.ts';
import { createTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

describe('journal without its database', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let proxy: TcpProxy;
  let runner: StatementRunner;
  let journal: PostgresJournal;

  const open = (options: Partial<JournalOptions> = {}) =>
    createJournal({ run: runner.run, log: silentLog, ...options });
  const seqsOf = async (callId: CallId) => {
    const rows = await createCallsRepository(database).timeline(callId, { afterSeq: null, limit: 10_000 });
    return rows.map(({ seq }) => seq);
  };
  const becomesOut = () => expect.poll(() => journal.isAvailable).toBe(false);

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    const direct = new URL(testDatabase.url);
    proxy = await createTcpProxy(Number(direct.port));
    const url = Object.assign(direct, { port: String(proxy.port) }).href;
    runner = createStatementRunner({ url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
    journal = open();
  });

  afterEach(async () => {
    await proxy.close();
    await journal.close({ timeoutMs: 0 });
    await runner.close();
    await database.close();
    await testDatabase.drop();
  });

  it('D12: loses no transition of calls in progress, and says when it cannot write', async () => {
    const { log, lines } = createRecordingLog();
    journal = open({ log });
    const calls = [beginCall(journal), beginCall(journal), beginCall(journal)];
    await Promise.all(calls.map((call) => call.durable()));

    await proxy.cut();
    for (const call of calls) for (let count = 0; count < 5; count++) call.append();
    await becomesOut();
    for (const call of calls) for (let count = 0; count < 5; count++) call.append();
    const barriers = calls.map((call) => call.durable());
    await proxy.restore();
    await Promise.all(barriers);

    for (const call of calls) expect(await seqsOf(call.callId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(journal.isAvailable).toBe(true);
    expect(journal.statistics()).toMatchObject({ queuedEntries: 0, dropped: 0, quarantined: 0 });
    expect(lines.map(({ message }) => message)).toContain('journal cannot write; trying again');
    expect(lines.at(-1)?.message).toBe('journal writes again');
  });

  it('D12: rejects the barrier of a new call as unavailable, and leaves no row of it behind', async () => {
    journal = open({ writers: 1 });
    const running = beginCall(journal);
    await running.durable();
    await proxy.cut();
    running.append();
    await becomesOut();

    const refused = beginCall(journal);
    refused.append();
    await expect(refused.durable(50)).rejects.toMatchObject({ name: 'JournalError', code: 'unavailable' });
    refused.end();
    await proxy.restore();
    running.append();
    await running.durable();

    expect(await createCallsRepository(database).find(refused.callId)).toBeNull();
    expect(journal.statistics().calls).toBe(1);
  });

  it('D12: writes a call that ended during the outage with its last state', async () => {
    const call = beginCall(journal);
    await call.durable();
    await proxy.cut();
    call.append();
    await becomesOut();
    Object.assign(call.state.row, { status: 'answered', cause: 'callerHungUp' });
    call.append();
    await expect(call.durable(50)).rejects.toMatchObject({ code: 'unavailable' });
    call.end();
    Object.assign(call.state, { row: null });
    await proxy.restore();

    await expect.poll(() => journal.statistics().calls).toBe(0);
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
    expect(await createCallsRepository(database).find(call.callId)).toMatchObject({
      status: 'answered',
      cause: 'callerHungUp',
    });
  });

  it('S1: gives its last state to the row of a call whose first barrier was under way when it was given up', async () => {
    const run = Promise.withResolvers<void>();
    journal = open({
      run: async (sql, parameters) => {
        await run.promise;
        return runner.run(sql, parameters);
      },
    });
    const call = beginCall(journal);
    call.append();
    await expect(call.durable(50)).rejects.toMatchObject({ code: 'timeout' });
    Object.assign(call.state.row, { status: 'failed', cause: 'commitFailed' });
    call.append();
    call.end();
    run.resolve();

    await expect.poll(() => journal.statistics().calls).toBe(0);
    expect(await createCallsRepository(database).find(call.callId)).toMatchObject({ status: 'failed' });
    expect(await seqsOf(call.callId)).toEqual([1, 2]);
  });

  it('rejects a barrier as late while the database is slow, and still writes what was appended', async () => {
    const call = beginCall(journal);
    await call.durable();
    await database.fork().transactional(async (locking) => {
      await locking.execute('select * from call_snapshots where call_id = ? for update', [call.callId]);
      call.append();
      await expect(call.durable(50)).rejects.toMatchObject({ code: 'timeout' });
    });
    await call.durable();
    expect(await seqsOf(call.callId)).toEqual([1]);
  });

  it('replaces a connection on which no answer comes', async () => {
    const url = Object.assign(new URL(testDatabase.url), { port: String(proxy.port) }).href;
    const impatient = createStatementRunner({ url, poolSize: 1, timeoutMs: 2_000, log: silentLog });
    await expect(impatient.run('select pg_sleep(30)', [])).rejects.toMatchObject({
      name: 'DatabaseError',
      code: 'unavailable',
    });
    expect(await impatient.run('select 1 as one', [])).toEqual([{ one: 1 }]);
    await impatient.close();
  });

  it('keeps to its memory: first events are left out, then whole transitions, and both are counted', async () => {
    journal = open({ maxQueuedBytes: 2_000 });
    const call = beginCall(journal);
    await call.durable();
    await proxy.cut();
    call.append();
    await becomesOut();
    for (let count = 0; count < 40; count++) call.append({ event: { type: 'x', text: 'y'.repeat(300) } });
    const { queuedBytes, dropped } = journal.statistics();
    expect(queuedBytes).toBeLessThan(5_000);
    expect(dropped).toBeGreaterThan(0);

    await proxy.restore();
    await call.durable();
    const stored = await createCallsRepository(database).timeline(call.callId, { afterSeq: null, limit: 100 });
    expect(stored).toHaveLength(41 - dropped);
    expect(stored.at(1)?.event).toEqual({ type: 'x', text: 'y'.repeat(300) });
    expect(stored.at(-1)?.event).toEqual({ omitted: 'backlog' });
  });

  it('gives up at the deadline of its closing', async () => {
    const call = beginCall(journal);
    await call.durable();
    await proxy.cut();
    call.append();
    const barrier = call.durable();
    await becomesOut();
    await Promise.all([
      expect(barrier).rejects.toMatchObject({ code: 'unavailable' }),
      journal.close({ timeoutMs: 20 }),
    ]);
  });
});
