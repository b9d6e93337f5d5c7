import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSystem } from '#app/launcher/start-system.ts';
import type { System } from '#app/launcher/start-system.ts';
import { createApiClient } from '#demo/api-client.ts';
import type { ApiCallDetail, ApiClient } from '#demo/api-client.ts';
import { isolatedSettings } from '#demo/isolated-settings.ts';
import { mulawTone } from '#demo/mulaw.ts';
import { createStatementRunner } from '#persistence/statement-runner.ts';
import { runSipp } from './sipp/run-sipp.ts';
import type { SippResult } from './sipp/run-sipp.ts';
import { writeCapture } from './sipp/write-capture.ts';

type Transport = 'udp' | 'tcp';
type Load = { scenario: string; transport: Transport; calls?: number; callsPerSecond?: number };

const CLEAN = { exitCode: 0, failed: 0, unexpected: 0, retransmissions: 0 };
const ANSWERED = 'answered callerHungUp';
const CANCELLED = 'no_answer callerCancelled';
const SETTLE_MS = 15_000;
const quietLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let folder = '';
let audioFile = '';
let system: System;
let api: ApiClient;
const seen = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-e2e-'));
  audioFile = join(folder, 'tone.pcap');
  await writeCapture(audioFile, mulawTone(440, 3_000));
  system = await startSystem({
    env: isolatedSettings(join(folder, 'data')),
    envFile: join(folder, 'none.env'),
  });
  api = createApiClient(system.addresses.http, system.apiToken);
});
beforeEach(async () => {
  for (const { callId } of await api.calls()) seen.add(callId);
});
afterEach(() => orderModel('DELETE', {}));
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Faults of the model server: a set-up that takes long keeps a call ringing. */
const orderModel = async (method: 'POST' | 'DELETE', order: object): Promise<void> => {
  const url = `${system.addresses.rehearsal}/control/faults`;
  await fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) });
};

const run = ({ scenario, transport, calls = 5, callsPerSecond = 5 }: Load): Promise<SippResult> => {
  const target = system.addresses.sip.find(({ protocol }) => protocol === transport);
  if (!target) throw new Error(`The system does not listen on ${transport}.`);
  return runSipp({ scenario, target, transport, calls, callsPerSecond, audioFile });
};

/** The rows of the calls since the last look: at least so many, once each has ended and given back what it held. */
const newRows = (atLeast: number): Promise<ApiCallDetail[]> =>
  vi.waitFor(
    async () => {
      const fresh = (await api.calls()).filter(({ callId }) => !seen.has(callId));
      const details = await Promise.all(fresh.map(({ callId }) => api.call(callId)));
      const open = details.filter(({ endedAt, ledger }) => endedAt === null || ledger === null);
      expect(details.length).toBeGreaterThanOrEqual(atLeast);
      expect(open.map(({ callId, status }) => `${callId} ${status}`)).toEqual([]);
      for (const { callId } of details) seen.add(callId);
      return details;
    },
    { timeout: SETTLE_MS, interval: 200 },
  );

const outcomes = (rows: readonly ApiCallDetail[]) => [
  ...new Set(rows.map(({ status, cause }) => `${status} ${cause}`)),
];
const leaks = (rows: readonly ApiCallDetail[]) => rows.flatMap(({ ledger }) => ledger?.leaked ?? []);

const expectSettled = async (result: SippResult, calls: number, expected: readonly string[]): Promise<void> => {
  expect(result, result.errors).toMatchObject({ ...CLEAN, successful: calls });
  const rows = await newRows(calls);
  expect(rows.length).toBe(calls);
  expect(new Set(rows.map(({ sipCallId }) => sipCallId)).size).toBe(calls);
  expect(outcomes(rows)).toEqual(expected);
  expect(leaks(rows)).toEqual([]);
};

describe.each<Transport>(['udp', 'tcp'])('SIPp over %s', (transport) => {
  it.each<[string, string, number, string]>([
    ['a plain call', 'basic', 5, ANSWERED],
    ['a caller who speaks', 'pcap-audio', 2, ANSWERED],
    ['C9: BYE before the ACK', 'bye-before-ack', 5, 'no_answer callerHungUp'],
    ['S5: a BYE sent twice', 'duplicate-bye', 5, ANSWERED],
    ['S5: BYEs with other tags', 'bye-other-tags', 5, ANSWERED],
  ])('%s ends as it should', async (_, scenario, calls, outcome) => {
    await expectSettled(await run({ scenario, transport, calls }), calls, [outcome]);
  });

  it('C9: CANCEL while the call rings ends it unanswered', async () => {
    await orderModel('POST', { scope: 'all', fault: { kind: 'delaySetup', ms: 2_000 } });
    await expectSettled(await run({ scenario: 'cancel-before-answer', transport }), 5, [CANCELLED]);
  });

  it('C9: CANCEL while the row is being committed ends the call unanswered, with one row', async () => {
    const runner = createStatementRunner({
      url: system.addresses.databaseUrl,
      poolSize: 1,
      timeoutMs: 10_000,
      log: quietLog,
    });
    const blocking = runner.run(
      'do $$ begin lock table call_sessions in access exclusive mode; perform pg_sleep(2); end $$',
      [],
    );
    const result = await run({ scenario: 'cancel-before-ring', transport, calls: 3, callsPerSecond: 10 });
    await blocking;
    await runner.close();
    await expectSettled(result, 3, [CANCELLED]);
  });

  it('C9: CANCEL that races the answer ends the call either way', async () => {
    const result = await run({ scenario: 'cancel-racing-answer', transport, calls: 30, callsPerSecond: 10 });
    expect(result, result.errors).toMatchObject({ ...CLEAN, successful: 30 });
    const rows = await newRows(30);
    expect(rows.length).toBe(30);
    expect(outcomes(rows).filter((outcome) => outcome !== ANSWERED && outcome !== CANCELLED)).toEqual([]);
    expect(leaks(rows)).toEqual([]);
  });

  it('50 calls at 10 a second are answered and end', async () => {
    await expectSettled(await run({ scenario: 'basic', transport, calls: 50, callsPerSecond: 10 }), 50, [ANSWERED]);
  });
});

describe('SIPp over a network that loses packets', () => {
  it.each(['lost-ack', 'lost-answer'])('C9: %s is made up for by retransmission', async (scenario) => {
    const result = await run({ scenario, transport: 'udp' });
    expect(result, result.errors).toMatchObject({ exitCode: 0, successful: 5, failed: 0, unexpected: 0 });
    const rows = await newRows(5);
    expect([rows.length, outcomes(rows), leaks(rows)]).toEqual([5, [ANSWERED], []]);
  });

  it('C9: a call whose ACK never comes is ended by BYE after 32 s', async () => {
    const result = await run({ scenario: 'ack-never', transport: 'udp', calls: 2 });
    expect(result, result.errors).toMatchObject({ exitCode: 0, successful: 2, failed: 0, unexpected: 0 });
    const rows = await newRows(2);
    expect([rows.length, outcomes(rows), leaks(rows)]).toEqual([2, ['failed ackTimeout'], []]);
  });
});
