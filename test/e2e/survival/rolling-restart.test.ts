import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSite, type Application, type Site } from '../../fixtures/system/site.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';
import { ask, call, expectOneCall, untilHearing, type Talk } from '../../fixtures/system/talk.ts';

const CALLS = 12;

let site: Site;
let question: Uint8Array;

beforeAll(async () => {
  site = await startSite();
  question = await spokenQuestion();
});

afterAll(() => site?.stop());

afterEach(async () => {
  await site.endApplications();
  await site.rehearsal.reset();
});

const callAll = async (): Promise<Talk[]> => {
  const talks: Talk[] = [];
  for (let n = 0; n < CALLS; n += 1) talks.push(await call(site));
  return talks;
};

const askAll = (talks: readonly Talk[]) => Promise.all(talks.map((talk) => ask(talk, question)));

const expectLeft = async (old: Application) => {
  expect(await old.ended).toBe('exit code 0');
  expect(old.logs.filter((line) => /unhandled|uncaught|still open|A call crashed/i.test(line))).toEqual([]);
};

const expectAllWell = async (talks: readonly Talk[], epochs?: readonly number[]) => {
  const gaps = talks.map((talk) => talk.longestGapMs());
  console.log(`without a packet for ${gaps.toSorted((a, b) => a - b).join(', ')} ms`);
  await askAll(talks);
  for (const talk of talks) {
    const { callId } = await expectOneCall(site, talk);
    const transitions = await site.transitionsOf(callId);
    if (epochs) expect([...new Set(transitions.map(({ epoch }) => epoch))]).toEqual(epochs);
    expect(transitions.filter(({ eventType }) => eventType === 'system.shutDown')).toEqual([]);
  }
};

test('C17: restarted with SIGTERM, the application leaves its calls to the one that starts after it, and none is lost', async () => {
  const old = await site.start();
  const talks = await callAll();
  await askAll(talks);
  for (const talk of talks) talk.longestGapMs();
  old.signal('SIGTERM');
  await expectLeft(old);
  const next = await site.start();
  await Promise.all(talks.map((talk) => untilHearing(talk)));
  await expectAllWell(talks, [1, 2]);
  next.signal('SIGINT');
  expect(await next.ended).toBe('exit code 0');
});

test('C17: one application is replaced by another that runs already, while calls come and go, and none is lost or refused', async () => {
  const old = await site.start({ DRAIN_SECONDS: '3' });
  const talks = await callAll();
  await askAll(talks);
  const next = await site.start();
  for (const talk of talks) talk.longestGapMs();
  old.signal('SIGTERM');
  const newcomers = [await call(site), await call(site), await call(site)];
  const passing = await call(site);
  await expectOneCall(site, passing);
  await expectLeft(old);
  newcomers.push(await call(site));
  await Promise.all([...talks, ...newcomers].map((talk) => untilHearing(talk)));
  await expectAllWell(talks, [1, 2]);
  await expectAllWell(newcomers);
  next.signal('SIGINT');
  expect(await next.ended).toBe('exit code 0');
});

test('SIGINT ends calls politely: nobody comes after', async () => {
  const application = await site.start();
  const talk = await call(site);
  application.signal('SIGINT');
  await talk.caller.untilHungUpByPeer();
  expect(await application.ended).toBe('exit code 0');
  expect(await site.untilRow(talk.caller.number, ({ endedAt }) => endedAt !== null)).toMatchObject({
    status: 'answered',
    cause: 'shutdown',
    recording: 'published',
  });
});
