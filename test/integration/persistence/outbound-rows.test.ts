import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { createCapacityLeases, type PostgresLeases } from '#persistence/capacity-leases.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { createJournal } from '#persistence/journal.ts';
import { createStatementRunner, type StatementRunner } from '#persistence/statement-runner.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { beginCall, STARTED_AT } from '../../fixtures/journalled-call.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let place: TestDatabase;
let database: Database;
let runner: StatementRunner;
let leases: PostgresLeases;

const sql = <Row>(text: string, values: readonly unknown[] = []) => database.fork().execute<Row[]>(text, [...values]);
const newId = () => randomUUID() as CallId;

beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
  runner = createStatementRunner({ url: place.url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
  leases = createCapacityLeases(database, 'node-1');
});
afterAll(async () => {
  await runner.close();
  await database.close();
  await place.drop();
});

describe('a placed call', () => {
  /** The first answer is lost after the commit, so the same statement comes twice. */
  const losingFirstAnswer = (): RunStatement => {
    let isFirst = true;
    return async (text, parameters) => {
      const rows = await runner.run(text, parameters);
      if (!isFirst) return rows as never;
      isFirst = false;
      throw new DatabaseError('unavailable', 'Connection terminated unexpectedly.');
    };
  };

  it('counts once with its lead, and keeps what it was ordered with', async () => {
    const [owner] = await sql<{ id: number }>(
      `insert into users (username, email, hashed_password, role) values (?, ?, '', 'agent') returning id`,
      [newId(), newId()],
    );
    const [lead] = await sql<{ id: number }>(
      `insert into leads (owner_id, phone, phone_e164) values (?, '888', '+359888') returning id`,
      [owner?.id],
    );
    const links = { ownerId: owner?.id ?? 0, leadId: lead?.id ?? 0, campaignId: null };
    const journal = createJournal({ run: losingFirstAnswer(), log: silentLog });
    const metadata = { call_config: { caller_name: 'Мария' } };
    const call = beginCall(journal, { direction: 'outbound', status: 'dialing', links, metadata });
    call.append();
    await call.durable();
    call.state.row = { ...call.state.row, status: 'ringing' };
    call.append();
    await call.durable();
    await journal.close({ timeoutMs: 5_000 });

    const rows = await sql('select status, lead_id, owner_id, call_metadata from call_sessions where session_id = ?', [
      call.callId,
    ]);
    expect(rows).toEqual([
      { status: 'ringing', lead_id: links.leadId, owner_id: links.ownerId, call_metadata: metadata },
    ]);
    expect(
      await sql('select call_count, last_called_at = ? as is_then from leads where id = ?', [STARTED_AT, links.leadId]),
    ).toEqual([{ call_count: 1, is_then: true }]);
  });
});

describe('capacity', () => {
  it('C13: is what living calls hold: taken up to the limit, given back, taken again', async () => {
    const [first, second, third] = [newId(), newId(), newId()];
    const wanted = [{ scope: 'trunk:1', limit: 2 }] as const;
    expect(await leases.take(first, wanted)).toEqual({ taken: true });
    expect(await leases.take(second, wanted)).toEqual({ taken: true });
    expect(await leases.take(third, wanted)).toEqual({ taken: false, full: 'trunk:1' });
    expect(await leases.take(second, wanted)).toEqual({ taken: true });
    await leases.release(first);
    expect(await leases.take(third, wanted)).toEqual({ taken: true });
  });

  it('is all or nothing over several limits', async () => {
    const [first, second] = [newId(), newId()];
    await leases.take(first, [{ scope: 'campaign:1', limit: 1 }]);
    const answer = await leases.take(second, [
      { scope: 'trunk:7', limit: 5 },
      { scope: 'campaign:1', limit: 1 },
    ]);
    expect(answer).toEqual({ taken: false, full: 'campaign:1' });
    expect(await sql('select 1 from capacity_leases where call_id = ?', [second])).toEqual([]);
  });

  it('D4: is never overdrawn by calls that begin at the same moment', async () => {
    const wanted = [
      { scope: 'trunk:2', limit: 7 },
      { scope: 'user:3', limit: 100 },
    ] as const;
    const answers = await Promise.all(Array.from({ length: 40 }, () => leases.take(newId(), wanted)));
    expect(answers.filter(({ taken }) => taken)).toHaveLength(7);
  });

  it('D4: comes back from calls that are over or never began, and stays with those that live', async () => {
    const journal = createJournal({ run: runner.run, log: silentLog });
    const living = beginCall(journal);
    await living.durable();
    const wanted = [{ scope: 'trunk:9', limit: 10 }] as const;
    const [gone, beginning] = [newId(), newId()];
    for (const id of [living.callId, gone, beginning]) await leases.take(id, wanted);
    await sql(`update capacity_leases set taken_at = now() - interval '1 minute' where call_id in (?, ?)`, [
      living.callId,
      gone,
    ]);
    await leases.freeOrphans();
    const left = await sql<{ call_id: string }>(`select call_id from capacity_leases where scope = 'trunk:9'`);
    expect(left.map(({ call_id: id }) => id).sort()).toEqual([living.callId, beginning].sort());
    await journal.close({ timeoutMs: 5_000 });
  });
});
