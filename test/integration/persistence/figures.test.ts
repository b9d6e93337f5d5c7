import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FigureQuery } from '#domain/figures.ts';
import { type Database, openDatabase } from '#persistence/database.ts';
import { createFiguresRepository } from '#persistence/figures.repository.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let place: TestDatabase;
let database: Database;
const run = (sql: string, parameters: unknown[] = []) => database.fork().execute(sql, parameters);
const list = (change: Partial<FigureQuery> = {}) =>
  createFiguresRepository(database).list({
    scope: { kind: 'everyone' },
    from: new Date('2026-03-04T00:00:00Z'),
    before: new Date('2026-03-05T00:00:00Z'),
    step: 'hour',
    ...change,
  });

/** Speaker, beginning and end of each segment in seconds, tokens of each turn. */
type Call = {
  at: string;
  owner: number;
  talked: number | null;
  said: [string, number, number][];
  used: [number, number][];
};

const CALLS: readonly Call[] = [
  // Waits of 1 and 2 s; 4 s of dead air before the agent asks again.
  {
    at: '09:10',
    owner: 1,
    talked: 30,
    said: [
      ['agent', 0, 3],
      ['user', 3, 5],
      ['agent', 6, 8],
      ['agent', 12, 13],
      ['user', 13, 14],
      ['agent', 16, 18],
    ],
    used: [
      [100, 20],
      [400, 30],
    ],
  },
  // The agent speaks into the caller's words: no wait, and no silence although the shorter one ends before.
  {
    at: '09:50',
    owner: 2,
    talked: 10,
    said: [
      ['user', 0, 9],
      ['agent', 1, 2],
      ['user', 10, 11],
      ['agent', 15, 16],
    ],
    used: [[50, 5]],
  },
  { at: '11:00', owner: 1, talked: null, said: [], used: [] },
];

beforeAll(async () => {
  place = await createTestDatabase();
  database = await openDatabase({ url: place.url, log: silentLog });
  await run(`insert into users (username, email, hashed_password, role)
    select 'u' || n, 'u' || n || '@x', '', 'admin' from generate_series(1, 2) n`);
  for (const [number, { at, owner, talked, said, used }] of CALLS.entries()) {
    const startedAt = `2026-03-04T${at}:00Z`;
    await run(
      `insert into call_sessions (session_id, direction, status, owner_id, started_at, answered_at, ended_at)
       select ?, 'inbound', 'answered', ?, a, case when t is not null then a end, a + coalesce(t, 0) * interval '1 second'
       from (select ?::timestamptz as a, ?::int as t) times`,
      [`call-${number}`, owner, startedAt, talked],
    );
    for (const [index, [speaker, from, to]] of said.entries()) {
      await run(
        `insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted) values (?, ?, ?, '', ?, ?, false)`,
        [`call-${number}`, index, speaker, from * 1_000, to * 1_000],
      );
    }
    for (const [seq, [promptTokens, responseTokens]] of used.entries()) {
      const event = {
        type: 'model.used',
        usage: { promptTokens, responseTokens, totalTokens: promptTokens + responseTokens },
      };
      await run(
        `insert into call_transitions (call_id, seq, at, epoch, machine, machine_version, actor_path, incarnation, event_type, event, to_state, ignored)
         values (?, ?, now(), 1, 'modelSession', 1, 'call/model', 1, 'model.used', ?, 'attached', true)`,
        [`call-${number}`, seq, JSON.stringify(event)],
      );
    }
  }
});
afterAll(async () => {
  await database.close();
  await place.drop();
});

const EMPTY = { deadAirSeconds: 0, waits: { count: 0, p50Ms: null, p95Ms: null }, inputTokens: 0, outputTokens: 0 };
const AT_NINE = { at: new Date('2026-03-04T09:00:00Z'), calls: 1, answered: 1 };

it('sums calls, waits, dead air and tokens by hour', async () => {
  expect(await list()).toEqual([
    {
      ...{ ...AT_NINE, calls: 2, answered: 2, talkSeconds: 40, deadAirSeconds: 8 },
      ...{ inputTokens: 550, outputTokens: 55, waits: { count: 3, p50Ms: 2_000, p95Ms: 4_000 } },
    },
    { ...EMPTY, at: new Date('2026-03-04T11:00:00Z'), calls: 1, answered: 0, talkSeconds: 0 },
  ]);
});

it('sums by day', async () => {
  expect(await list({ step: 'day' })).toMatchObject([
    { at: new Date('2026-03-04T00:00:00Z'), calls: 3, inputTokens: 550 },
  ]);
});

it('sums only calls of those whom the viewer may see', async () => {
  expect(await list({ scope: { kind: 'owners', ids: [2] } })).toEqual([
    {
      ...{ ...AT_NINE, talkSeconds: 10, deadAirSeconds: 4 },
      ...{ inputTokens: 50, outputTokens: 5, waits: { count: 1, p50Ms: 4_000, p95Ms: 4_000 } },
    },
  ]);
  expect(await list({ scope: { kind: 'owners', ids: [] } })).toEqual([]);
});

it('sums the tokens of one call', async () => {
  const { tokensOf } = createFiguresRepository(database);
  expect(await tokensOf('call-0')).toEqual({ inputTokens: 500, outputTokens: 50 });
  expect(await tokensOf('call-9')).toEqual({ inputTokens: 0, outputTokens: 0 });
});
