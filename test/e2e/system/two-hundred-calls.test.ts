import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createFrameWheel } from '#demo/frame-wheel.ts';
import { inspectApplication, type Holdings } from '../../fixtures/system/process-inspection.ts';
import { startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

const AT_ONCE = 5;
/** Grown by what is remembered of each call for a minute, and by code that was compiled meanwhile. */
const HEAP_GROWTH_BYTES = 4 * 1024 ** 2;
const RESIDENT_GROWTH_BYTES = 40 * 1024 ** 2;
const wheel = createFrameWheel();

let trunkline: TestSystem;

beforeAll(async () => {
  // A used port rests for 30 s: there have to be enough for all the calls.
  trunkline = await startTestSystem({ env: { NODE_OPTIONS: '--inspect-port=0', RTP_PORTS: '30000-31999' } });
});

afterAll(async () => {
  await trunkline?.stop();
  wheel.stop();
});

const numbers: string[] = [];

const makeCall = async (): Promise<void> => {
  const caller = await trunkline.caller({ wheel, keepAudio: false });
  numbers.push(caller.number);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await vi.waitFor(() => expect(caller.audio.statistics().received).toBeGreaterThan(10), 20_000);
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  const { status, ledger, recording } = await trunkline.untilSettled(caller.number);
  expect([status, ledger?.leaked, recording?.state]).toEqual(['answered', [], 'published']);
};

const makeCalls = async (count: number): Promise<void> => {
  let left = count;
  const oneAfterTheOther = async () => {
    for (; left > 0; left -= 1) await makeCall();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
};

const nothingOpen = { legs: 0, sockets: 0, ports: 0, modelConnections: 0, recordings: 0 };

test('S2: after 200 calls in a row everything that is open, timers and memory are as after 20', async () => {
  const inspection = await inspectApplication(trunkline);
  const measure = async (): Promise<Holdings> => {
    await vi.waitFor(async () => expect(await trunkline.mediaLedger()).toMatchObject(nothingOpen), 20_000);
    return inspection.measure();
  };
  await makeCalls(20);
  const after20 = await measure();
  await makeCalls(180);
  const after200 = await measure();
  inspection.close();

  const found = JSON.stringify({ after20, after200 });
  // Connections of the pools to Postgres and of those who ask the API come and go: at most the pool's ten.
  const sockets = ({ resources }: Holdings) => resources['TCPSocketWrap'] ?? 0;
  const timers = ({ resources }: Holdings) => resources['Timeout'] ?? 0;
  const others = (held: Holdings) => held.files - sockets(held);
  expect(others(after200) - others(after20), found).toBeLessThanOrEqual(1);
  expect(sockets(after200) - sockets(after20), found).toBeLessThanOrEqual(10);
  expect(timers(after200) - timers(after20), found).toBeLessThanOrEqual(10);
  expect(after200.heapBytes - after20.heapBytes, found).toBeLessThan(HEAP_GROWTH_BYTES);
  expect(after200.residentBytes - after20.residentBytes, found).toBeLessThan(RESIDENT_GROWTH_BYTES);

  const rows = await trunkline.api.calls();
  expect(rows.length).toBe(numbers.length);
  expect(new Set(rows.map(({ callerNumber }) => callerNumber))).toEqual(new Set(numbers));
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['answered']));
});
