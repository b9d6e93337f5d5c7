import { describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import { DatabaseError } from '#persistence/database-error.ts';
import type { CallPart } from '#persistence/journal-batch.ts';
import { createDelivery } from '#persistence/journal-delivery.ts';
import type { RunStatement } from '#persistence/journal-statement.ts';
import { createRecordingLog } from '../../fakes/silent-log.ts';

const part = (callId: string, events: readonly string[], overrides: Partial<CallPart> = {}): CallPart => ({
  callId: callId as CallId,
  isNew: false,
  epoch: 1,
  seq: events.length,
  nodeId: 'n',
  machineVersion: 1,
  state: 'talking',
  context: '{}',
  row: null,
  entries: events.map((event, index) => ({
    seq: index + 1,
    json: JSON.stringify({ call_id: callId, seq: index + 1, event }),
  })),
  incarnations: {},
  ...overrides,
});

type SentCall = { call_id: string; context: unknown; call: unknown; is_new: boolean };

/** Answers as Postgres would, and refuses every statement in which the text `poison` is found. */
const createFakeDatabase = (failures: DatabaseError[] = []) => {
  const written: { call_id: string; seq: number; event: unknown }[] = [];
  let statements = 0;
  const run = async (_sql: string, parameters: readonly unknown[]) => {
    statements += 1;
    const failure = failures.shift();
    if (failure) throw failure;
    const [calls, transitions] = parameters.map(String) as [string, string];
    if (`${calls}${transitions}`.includes('poison')) {
      throw new DatabaseError('badData', 'Postgres refused.', { sqlState: '22P02' });
    }
    written.push(...(JSON.parse(transitions) as typeof written));
    return (JSON.parse(calls) as SentCall[]).map(({ call_id: callId }) => ({
      callId,
      owned: true,
      storedEpoch: 1,
      storedSeq: 0,
    }));
  };
  return { run: run as RunStatement, written, statements: () => statements };
};

const deliver = async (parts: readonly CallPart[], database = createFakeDatabase()) => {
  const { log, lines } = createRecordingLog();
  const outcomes: string[] = [];
  const availability: boolean[] = [];
  const delivery = createDelivery({
    run: database.run,
    log,
    signal: new AbortController().signal,
    onAvailable: (isAvailable) => availability.push(isAvailable),
    onOutcome: ({ callId, seq }, outcome) => outcomes.push(`${callId} ${seq} ${outcome}`),
  });
  await delivery.deliver(parts);
  return { outcomes, availability, lost: lines.map(({ fields }) => fields['lost']), counts: delivery.counts, database };
};

describe('journal delivery', () => {
  it('writes a healthy batch in one statement', async () => {
    const { outcomes, counts } = await deliver([part('a', ['x', 'y']), part('b', ['z'])]);
    expect(outcomes).toEqual(['a 2 written', 'b 1 written']);
    expect(counts).toEqual({ batches: 1, retries: 0, quarantined: 0 });
  });

  it('keeps the place of an event that is refused, with the reason in its stead', async () => {
    const { outcomes, lost, database } = await deliver([part('a', ['x', 'poison', 'z']), part('b', ['w'])]);
    expect(database.written.filter(({ call_id: id }) => id === 'a')).toEqual([
      { call_id: 'a', seq: 1, event: 'x' },
      { call_id: 'a', seq: 2, event: { quarantined: '22P02' } },
      { call_id: 'a', seq: 3, event: 'z' },
    ]);
    expect(outcomes.at(-1)).toBe('b 1 written');
    expect(outcomes.every((outcome) => outcome.endsWith('written'))).toBe(true);
    expect(lost).toEqual(['event']);
  });

  it.each([
    ['row', { row: '{"status":"poison"}' }],
    ['context', { context: '{"a":"poison"}' }],
    ['event, row and context', { row: '{"status":"poison"}', context: '{"a":"poison"}' }],
  ] as const)('keeps the transition without the %s when that is refused, and fails its barrier', async (lost, bad) => {
    const result = await deliver([part('a', ['x'], bad)]);
    expect(result.lost).toEqual([lost]);
    expect(result.outcomes).toEqual(['a 1 refused']);
    expect(result.database.written).toHaveLength(1);
  });

  it('refuses a new call whose row cannot be stored', async () => {
    const { outcomes, lost, database } = await deliver([part('a', [], { isNew: true, row: '{"status":"poison"}' })]);
    expect(outcomes).toEqual(['a 0 refused']);
    expect(lost).toEqual(['everything']);
    expect(database.written).toEqual([]);
  });

  it('sends the same batch again after an outage, and tells both', async () => {
    const out = new DatabaseError('unavailable', 'Postgres at x:1 does not answer: ECONNRESET.');
    const { outcomes, availability, counts } = await deliver([part('a', ['x'])], createFakeDatabase([out, out]));
    expect(outcomes).toEqual(['a 1 written']);
    expect(availability).toEqual([false, false, true]);
    expect(counts).toEqual({ batches: 1, retries: 2, quarantined: 0 });
  });
});
