import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startSite, type Application, type Site } from '../../fixtures/system/site.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';
import { ask, call, expectOneCall, type Talk } from '../../fixtures/system/talk.ts';
import { createTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.ts';

const OUTAGE_MS = 60_000;
/** A lease, and as long as a rival has to have renewed its own before it may claim, and a look. */
const LEASE_AND_MORE_MS = 6_000 + 10_000 + 4_000;
const CALLS = 6;

let site: Site;
let question: Uint8Array;
let applications: Application[];
let ways: TcpProxy[];

beforeAll(async () => {
  site = await startSite();
  question = await spokenQuestion();
  const port = Number(new URL(site.postgres.url).port);
  ways = [await createTcpProxy(port), await createTcpProxy(port)];
  applications = [];
  for (const [index, way] of ways.entries()) {
    const url = Object.assign(new URL(site.postgres.url), { port: String(way.port) }).href;
    applications.push(await site.start({ DATABASE_URL: url, DATA_DIR: `${site.directory}/application-${index}` }));
  }
});

afterAll(async () => {
  await site?.stop();
  for (const way of ways ?? []) await way.close();
});

const passed = (ms: number): Promise<void> => {
  const until = performance.now() + ms;
  return vi.waitFor(
    () => {
      if (performance.now() < until) throw new Error('It is not over.');
    },
    { timeout: ms + 5_000, interval: 100 },
  );
};

const callAll = async (): Promise<Talk[]> => {
  const talks: Talk[] = [];
  for (let n = 0; n < CALLS; n += 1) talks.push(await call(site));
  return talks;
};

const ownersOf = async (talks: readonly Talk[]) => {
  const rows = await Promise.all(talks.map(({ caller }) => site.rowsOf(caller.number)));
  return rows.flat().map(({ callId, nodeId, epoch }) => ({ callId, nodeId, epoch }));
};

const askAll = (talks: readonly Talk[]) => Promise.all(talks.map((talk) => ask(talk, question)));

/** Nobody has taken anything from anybody, also not when claims would be allowed again. */
const expectNothingStolen = async (talks: readonly Talk[], before: Awaited<ReturnType<typeof ownersOf>>) => {
  await passed(LEASE_AND_MORE_MS);
  expect(await ownersOf(talks)).toEqual(before);
  for (const talk of talks) {
    const { callId } = await expectOneCall(site, talk);
    const transitions = await site.transitionsOf(callId);
    expect([...new Set(transitions.map(({ epoch }) => epoch))]).toEqual([1]);
  }
  const said = applications.flatMap(({ logs }) => logs);
  expect(said.filter((line) => /were claimed|Another process owns|stood still|settled/i.test(line))).toEqual([]);
};

test('D12: after a minute without Postgres two applications have their own calls each, and nobody takes one', async () => {
  const talks = await callAll();
  await askAll(talks);
  const before = await ownersOf(talks);
  expect(new Set(before.map(({ nodeId }) => nodeId)).size).toBe(2);
  await site.postgres.kill();
  await passed(OUTAGE_MS / 2);
  await askAll(talks);
  await passed(OUTAGE_MS / 2);
  await site.postgres.restart();
  for (const application of applications) await application.untilLogged('journal writes to Postgres again');
  await askAll(talks);
  await expectNothingStolen(talks, before);
});

test('D12: one of two is cut off from Postgres for longer than its lease, and the other leaves its calls alone', async () => {
  const talks = await callAll();
  await askAll(talks);
  const before = await ownersOf(talks);
  await ways[0]?.cut();
  await passed(LEASE_AND_MORE_MS);
  await askAll(talks);
  await ways[0]?.restore();
  await expectNothingStolen(talks, before);
});
