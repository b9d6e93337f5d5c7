import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { headerOf } from '#demo/sip-text.ts';
import { startSite, type Site } from '../../fixtures/system/site.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';
import { ask, call, expectOneCall, untilHearing } from '../../fixtures/system/talk.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };

let site: Site;
let question: Uint8Array;

beforeAll(async () => {
  site = await startSite();
  question = await spokenQuestion();
});

afterAll(() => site?.stop());

afterEach(() => site.endApplications());

test('D12: killed while Postgres is out, the application comes back without it, the calls go on, and nothing is lost', async () => {
  const first = await site.start();
  const talks = [await call(site), await call(site), await call(site)];
  await Promise.all(talks.map((talk) => ask(talk, question)));

  await site.postgres.kill();
  await first.untilLogged('the journal goes to the spool');
  await Promise.all(talks.map((talk) => ask(talk, question)));
  first.signal('SIGKILL');
  await first.ended;

  const second = await site.start();
  await second.untilLogged('started from the spool');
  await Promise.all(talks.map((talk) => untilHearing(talk)));
  await Promise.all(talks.map((talk) => ask(talk, question)));

  const { parts, status } = (await second.api.health()) as {
    parts: Record<string, { status: string }>;
    status: string;
  };
  expect({ status, journal: parts['journal']?.status }).toEqual({ status: 'degraded', journal: 'down' });
  expect((await fetch(`${second.http}/ready`)).status).toBe(503);
  expect(second.logs.filter((line) => line.includes('stood still'))).toEqual([]);
  const refused = await (await site.caller()).invite();
  expect(refused).toMatchObject({ status: 503 });
  expect(Number(headerOf(refused, 'retry-after'))).toBeGreaterThan(0);

  await site.postgres.restart();
  await second.untilLogged('journal writes to Postgres again');
  await vi.waitFor(async () => expect((await fetch(`${second.http}/ready`)).status).toBe(200), PATIENCE);
  await Promise.all(talks.map((talk) => ask(talk, question)));
  for (const talk of talks) {
    const { callId } = await expectOneCall(site, talk);
    const epochs = (await site.transitionsOf(callId)).map(({ epoch }) => epoch);
    expect([...new Set(epochs)]).toEqual([1, 2]);
  }
  const newcomer = await call(site);
  await expectOneCall(site, newcomer);
  second.signal('SIGINT');
  expect(await second.ended).toBe('exit code 0');
});

test('D12: without a spool and without Postgres the application does not start, and says why', async () => {
  await site.postgres.kill();
  await expect(site.start()).rejects.toThrow(/Postgres at 127\.0\.0\.1:\d+ does not answer/);
  await site.postgres.restart();
  const application = await site.start();
  application.signal('SIGINT');
  expect(await application.ended).toBe('exit code 0');
});
