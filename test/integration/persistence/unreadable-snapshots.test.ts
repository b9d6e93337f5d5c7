import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActorRoster } from '#app/actor-roster.ts';
import { createCallRegistry, type CallRegistry } from '#app/call-registry.ts';
import { createLiveCallsStore, type LiveCallsStore } from '#app/live-calls.store.ts';
import { createTakeOver } from '#app/take-over.ts';
import type { CallId } from '#domain/call.ts';
import { createResourceLedger } from '#domain/resource-ledger.ts';
import { CALL_MACHINE_VERSION } from '#machines/call.types.ts';
import type { CallRelease } from '#machines/call.upgrades.ts';
import { createCallsRepository, type CallsRepository } from '#persistence/calls.repository.ts';
import { openDatabase, type Database } from '#persistence/database.ts';
import { createJournal } from '#persistence/journal.ts';
import { createOwnership } from '#persistence/ownership.ts';
import { createReconciler } from '#persistence/reconciler.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { LIMITS, startFakeCall, talk } from '../../fakes/call-ports.fake.ts';
import { createObedientCalls } from '../../fakes/obedient-calls.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

/** The next release: what was the language is now the tongue, and has to be renamed. */
const NEXT: CallRelease = {
  version: CALL_MACHINE_VERSION + 1,
  upgrades: { [CALL_MACHINE_VERSION]: ({ tongue, ...rest }) => ({ ...rest, language: tongue }) },
};

const PREDECESSOR = 'node-that-is-gone';

type Left = { context?: unknown; state?: string; machineVersion?: number };

describe('snapshots of a process that is gone', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let calls: CallsRepository;
  let opened: AsyncDisposableStack;
  let liveCalls: LiveCallsStore;
  let registry: CallRegistry;
  let letGo: CallId[];
  const broken = new Set<CallId>();

  const contextOf = async (callId: CallId): Promise<Record<string, unknown>> => {
    const call = startFakeCall();
    await talk(call);
    const now = Date.now();
    const { deadlines, ...context } = call.context();
    const kept = { ...context, callId, lastVoiceAt: now, deadlines: { ...deadlines, maxDuration: now + 600_000 } };
    return JSON.parse(JSON.stringify(kept)) as Record<string, unknown>;
  };

  /** A call in conversation, as its process left it; `change` says what is wrong with what is left. */
  const leave = async (change: (context: Record<string, unknown>) => Left = () => ({})): Promise<CallId> => {
    const callId = randomUUID() as CallId;
    const good = await contextOf(callId);
    const { context = good, state = 'talking', machineVersion = CALL_MACHINE_VERSION } = change(good);
    await database.fork().execute(
      `insert into call_sessions (session_id, direction, status, caller_id, started_at, answered_at)
       values (?, 'inbound', 'in_call', '+359888123456', now(), now())`,
      [callId],
    );
    await database.fork().execute(
      `insert into call_snapshots (call_id, seq, epoch, node_id, machine_version, state, context, updated_at)
       values (?, 30, 1, ?, ?, ?, ?::jsonb, now())`,
      [callId, PREDECESSOR, machineVersion, state, JSON.stringify(context)],
    );
    return callId;
  };

  /** The process that comes after it. */
  const openSuccessor = async (release?: CallRelease) => {
    const { url } = testDatabase;
    const runner = createStatementRunner({ url, poolSize: 3, timeoutMs: 10_000, log: silentLog });
    opened.defer(() => runner.close());
    const journal = createJournal({ run: runner.run, log: silentLog });
    opened.defer(() => journal.close({ timeoutMs: 5_000 }));
    const nodeId = 'node-2';
    const ownership = createOwnership({ database, nodeId, dataDirectory: '/data', log: silentLog });
    opened.defer(() => ownership.stop());
    await ownership.start();
    liveCalls = createLiveCallsStore();
    letGo = [];
    registry = createCallRegistry({
      callLogic: createObedientCalls(journal, (callId) => broken.has(callId)),
      journal,
      ledger: createResourceLedger(),
      liveCalls,
      roster: createActorRoster(),
      log: silentLog,
      nodeId,
      limits: LIMITS,
      language: 'en-US',
      answeringMachine: 'continue',
      maxCalls: 10,
      newCallId: () => randomUUID() as CallId,
      now: Date.now,
      refuse: () => {},
      onEnded: () => {},
      ...(release ? { release } : {}),
    });
    const takeOver = opened.use(
      createTakeOver({
        ownership,
        registry,
        reconciler: createReconciler({ database, nodeId, log: silentLog }),
        isLive: (callId) => registry.isLive(callId) || journal.isTracked(callId),
        media: { goOn: () => {}, onFrozen: () => ({ [Symbol.dispose]: () => {} }) },
        letGo: ({ callId }) => letGo.push(callId),
        sessionsDirectory: '/nowhere',
        finishRecording: async () => {},
        log: silentLog,
      }),
    );
    return { takeOver };
  };

  const stateOf = (callId: CallId) => liveCalls.getSnapshot().context.calls.get(callId)?.state;

  /** The call talks, and can be brought to its end. */
  const expectWhole = async (callId: CallId) => {
    await expect.poll(() => stateOf(callId)).toBe('talking');
    registry.hangUp(callId);
    await expect
      .poll(() => calls.find(callId))
      .toMatchObject({ status: 'answered', cause: 'operatorHungUp', endedAt: expect.any(Date) });
  };

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
    calls = createCallsRepository(database);
    opened = new AsyncDisposableStack();
    broken.clear();
    await database.fork().execute(
      `insert into application_nodes (node_id, host, pid, data_directory, renewed_at, released_at)
       values (?, 'elsewhere', 1, '/x', now(), now())`,
      [PREDECESSOR],
    );
  });
  afterEach(async () => {
    await opened.disposeAsync();
    await database.close();
    await testDatabase.drop();
  });

  it.each<[string, (good: Record<string, unknown>) => Left, string]>([
    ['is of a later version', () => ({ machineVersion: 99 }), 'written by version 99 of the call machine'],
    ['has no upgrade', () => ({ machineVersion: 0 }), 'no upgrade leads on from version 0'],
    ['is no context', () => ({ context: 'scribble' }), 'holds no context of a call'],
    ['has lost its limits', (good) => ({ context: { ...good, limits: null } }), 'lacks or spoils limits'],
    ['has a broken dialog', (good) => ({ context: { ...good, dialog: { id: 7 } } }), 'lacks or spoils dialog'],
    ['is in a state nobody knows', () => ({ state: 'dreaming' }), 'unknown state "dreaming"'],
  ])(
    'C14: one that %s is settled with the reason, and the calls before and after it go on',
    async (_what, change, reason) => {
      const before = await leave();
      const poisoned = await leave(change);
      const after = await leave();
      const { takeOver } = await openSuccessor();
      expect(await takeOver.claim()).toBe(3);

      const row = await calls.find(poisoned);
      expect(row).toMatchObject({ status: 'answered', cause: 'fault', endedAt: expect.any(Date) });
      expect(row?.causeDetail).toMatch(/^What the process that was lost has left of the call cannot be read: /);
      expect(row?.causeDetail).toContain(reason);
      expect(letGo).toEqual([poisoned]);
      await expectWhole(before);
      await expectWhole(after);
      expect(registry.size).toBe(0);
    },
  );

  it('C14: a call that crashes as it is begun again is settled with the fault, and the calls before and after it go on', async () => {
    const before = await leave();
    const poisoned = await leave();
    broken.add(poisoned);
    const after = await leave();
    const { takeOver } = await openSuccessor();
    await takeOver.claim();
    await expect
      .poll(() => calls.find(poisoned))
      .toMatchObject({ status: 'answered', cause: 'fault', causeDetail: 'the media leg is broken' });
    await expectWhole(before);
    await expectWhole(after);
  });

  it('is upgraded by the next release, which keeps it under its own version', async () => {
    const old = await leave(({ language, ...rest }) => ({ context: { ...rest, tongue: language } }));
    const spoilt = await leave(({ language: _language, ...rest }) => ({ context: rest }));
    const { takeOver } = await openSuccessor(NEXT);
    await takeOver.claim();
    await expect.poll(() => stateOf(old)).toBe('talking');
    expect((await calls.find(spoilt))?.causeDetail).toContain('lacks or spoils language');
    const kept = () =>
      database.fork().execute(
        `select machine_version as version, state, context->>'language' as language
         from call_snapshots where call_id = ?`,
        [old],
      );
    await expect.poll(kept).toEqual([{ version: CALL_MACHINE_VERSION + 1, state: 'talking', language: 'en-US' }]);
    await expectWhole(old);
  });
});
