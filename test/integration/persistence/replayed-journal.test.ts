import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActorRoster } from '#app/actor-roster.ts';
import { createCallRegistry, type CallRegistry } from '#app/call-registry.ts';
import { createLiveCallsStore, type LiveCallsStore } from '#app/live-calls.store.ts';
import { replay } from '#app/replay.ts';
import type { CallId } from '#domain/call.ts';
import type { TransitionRecord } from '#domain/records.ts';
import { createResourceLedger } from '#domain/resource-ledger.ts';
import { createCallsRepository, type CallsRepository } from '#persistence/calls.repository.ts';
import { openDatabase, type Database } from '#persistence/database.ts';
import { createJournal, type PostgresJournal } from '#persistence/journal.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { INVITE, LIMITS } from '../../fakes/call-ports.fake.ts';
import { createObedientCalls } from '../../fakes/obedient-calls.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

const CALL_ID = randomUUID() as CallId;

describe('the journal of a call, replayed from the database', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let calls: CallsRepository;
  let journal: PostgresJournal;
  let registry: CallRegistry;
  let liveCalls: LiveCallsStore;
  let opened: AsyncDisposableStack;

  const timeline = (): Promise<readonly TransitionRecord[]> =>
    calls.timeline(CALL_ID, { afterSeq: null, limit: 1_000 });
  const live = () => liveCalls.getSnapshot().context.calls.get(CALL_ID);

  /** A call in conversation. */
  const talk = async () => {
    registry.accept(INVITE);
    await expect.poll(() => live()?.state).toBe('talking');
    await journal.durable(CALL_ID, { timeoutMs: 5_000 });
  };
  const finish = async () => {
    registry.hangUp(CALL_ID);
    await expect.poll(() => calls.find(CALL_ID)).toMatchObject({ status: 'answered', endedAt: expect.any(Date) });
  };

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    const { url } = testDatabase;
    database = await openDatabase({ url, log: silentLog });
    calls = createCallsRepository(database);
    opened = new AsyncDisposableStack();
    const runner = createStatementRunner({ url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
    opened.defer(() => runner.close());
    journal = createJournal({ run: runner.run, log: silentLog });
    opened.defer(() => journal.close({ timeoutMs: 5_000 }));
    liveCalls = createLiveCallsStore();
    registry = createCallRegistry({
      callLogic: createObedientCalls(journal),
      journal,
      ledger: createResourceLedger(),
      liveCalls,
      roster: createActorRoster(),
      log: silentLog,
      nodeId: 'node-1',
      limits: LIMITS,
      language: 'en-US',
      answeringMachine: 'continue',
      maxCalls: 10,
      newCallId: () => CALL_ID,
      now: Date.now,
      refuse: () => {},
      onEnded: () => {},
    });
  });
  afterEach(async () => {
    await opened.disposeAsync();
    await database.close();
    await testDatabase.drop();
  });

  it('shows each actor of a live call, and of the same call when it is over, after each of its transitions', async () => {
    await talk();
    const soFar = await timeline();
    const now = await replay(soFar);
    expect(now.map(({ actorPath }) => actorPath).toSorted()).toEqual([
      'call',
      'call/model',
      'call/recording',
      'call/transcription',
    ]);
    expect(now.find(({ actorPath }) => actorPath === 'call')).toMatchObject({
      context: {
        callId: CALL_ID,
        callerNumber: INVITE.callerNumber,
        answeredAt: expect.any(Number),
        dialog: { type: 'uas' },
      },
    });
    await finish();
    const whole = await timeline();
    expect(whole.slice(0, soFar.length)).toEqual(soFar);
    for (const [index, row] of whole.entries()) {
      const actors = await replay(whole.slice(0, index + 1));
      const moved = actors.find(({ actorPath }) => actorPath === row.actorPath);
      expect(moved).toMatchObject({ state: row.toState, diverged: [], context: expect.any(Object) });
    }
    expect((await replay(whole)).find(({ actorPath }) => actorPath === 'call')).toMatchObject({
      state: 'ended',
      context: { cause: 'operatorHungUp', recordingPath: 'recording.wav' },
    });
  });

  it('names the row that contradicts the machine, and goes on from what was recorded', async () => {
    await talk();
    await finish();
    const alerting = (await timeline()).find(({ toState }) => toState === 'alerting');
    await database
      .fork()
      .execute(`update call_transitions set to_state = 'dialling' where call_id = ? and seq = ?`, [
        CALL_ID,
        alerting?.seq,
      ]);
    const contradicted = (await timeline()).slice(0, alerting?.seq);
    const shown = (await replay(contradicted)).find(({ actorPath }) => actorPath === 'call');
    expect(shown).toMatchObject({
      state: 'dialling',
      context: { callId: CALL_ID },
      diverged: [{ seq: alerting?.seq, eventType: alerting?.eventType, recorded: 'dialling', computed: 'alerting' }],
    });
    // A call that dials is not answered by its model being ready: from there on, each step is another one.
    const end = (await replay(await timeline())).find(({ actorPath }) => actorPath === 'call');
    expect(end?.state).toBe('ended');
    expect(end?.diverged[0]?.seq).toBe(alerting?.seq);
    expect(end?.diverged.length).toBeGreaterThan(1);
  });
});
