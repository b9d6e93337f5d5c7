import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startSite, type Application, type Site } from '../../fixtures/system/site.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';
import { ask, call, expectOneCall, type Talk } from '../../fixtures/system/talk.ts';
import { createWireTap, type WireTap } from '../../fixtures/wire-tap.ts';

const PATIENCE = { timeout: 40_000, interval: 50 };

let site: Site;
let question: Uint8Array;
let opened: AsyncDisposableStack;
let sipTap: WireTap;
let modelTap: WireTap;

beforeAll(async () => {
  site = await startSite();
  question = await spokenQuestion();
  opened = new AsyncDisposableStack();
  sipTap = await createWireTap(site.control.port);
  opened.defer(() => sipTap.close());
  modelTap = await createWireTap(Number(new URL(site.modelUrl).port));
  opened.defer(() => modelTap.close());
});

afterAll(async () => {
  await site?.stop();
  await opened?.disposeAsync();
});

afterEach(async () => {
  await site.endApplications();
  await site.rehearsal.reset();
});

/** All that it sends to the SIP server and to the model can be looked at. */
const startTapped = (env: Record<string, string> = {}) =>
  site.start({
    DRACHTIO_PORT: String(sipTap.port),
    GEMINI_BASE_URL: `http://127.0.0.1:${modelTap.port}`,
    ...env,
  });

type Thawed = {
  at: number;
  modelConnections: number;
  written: ReadonlyMap<string, number>;
  ssrcs: ReadonlySet<number>;
};

const writtenBefore = async (callIds: readonly string[]): Promise<Map<string, number>> => {
  const counts = callIds.map(async (callId) => {
    const transitions = await site.transitionsOf(callId);
    return [callId, transitions.filter(({ epoch }) => epoch === 1).length] as const;
  });
  return new Map(await Promise.all(counts));
};

/** Stopped until the other has taken its calls, and `meanwhile` has passed; then it goes on. */
const freeze = async (
  frozen: Application,
  talks: readonly Talk[],
  meanwhile: () => Promise<void>,
): Promise<{ callIds: string[]; thawed: Thawed }> => {
  const ssrcs = new Set(talks.flatMap(({ caller }) => caller.audio.heard.map(({ ssrc }) => ssrc)));
  frozen.signal('SIGSTOP');
  const rows = await Promise.all(
    talks.map(({ caller }) => site.untilRow(caller.number, ({ epoch }) => (epoch ?? 0) > 1)),
  );
  const callIds = rows.map(({ callId }) => callId);
  await meanwhile();
  const written = await writtenBefore(callIds);
  const thawed = { at: performance.now(), modelConnections: modelTap.connections, written, ssrcs };
  frozen.signal('SIGCONT');
  await vi.waitFor(() => {
    const dropped = frozen.logs.filter((line) => line.includes('our copy was dropped')).length;
    if (dropped < talks.length) throw new Error(`It has dropped ${dropped} calls.`);
  }, PATIENCE);
  return { callIds, thawed };
};

/** Commands to the SIP server that make it say something to a peer. */
const sipCommandsSince = (from: number) =>
  sipTap.sent
    .filter(({ at }) => at > from)
    .flatMap(({ bytes }) => bytes.toString('latin1').match(/\|sip\|[^]*/g) ?? []);

const expectSilence = async (talks: readonly Talk[], { callIds, thawed }: Awaited<ReturnType<typeof freeze>>) => {
  const { at: since, modelConnections, written, ssrcs } = thawed;
  const ofThem = talks.map(({ caller }) => caller.callId);
  expect(sipCommandsSince(since).filter((text) => ofThem.some((id) => text.includes(id)))).toEqual([]);
  const frames = modelTap.sent.filter(({ at, connection }) => at > since && connection <= modelConnections);
  expect(frames.map(({ bytes }) => bytes.toString('hex').slice(0, 60))).toEqual([]);
  const packets = talks.flatMap(({ caller }) =>
    caller.audio.heard.filter(({ at, ssrc }) => at > since && ssrcs.has(ssrc)),
  );
  expect(packets).toEqual([]);
  expect(await writtenBefore(callIds)).toEqual(written);
};

/** It works again: of calls in turn one is its own, and goes as any other. */
const expectToWork = async (application: Application) => {
  const talk = await vi.waitFor(async () => {
    const newcomer = await call(site);
    const { liveCalls } = await application.api.health();
    if (liveCalls === 1) return newcomer;
    await expectOneCall(site, newcomer);
    throw new Error('The call went to the other one.');
  }, PATIENCE);
  await ask(talk, question);
  await expectOneCall(site, talk);
};

test('C17: a process that was frozen while another took its calls says nothing more of them when it wakes', async () => {
  const frozen = await startTapped();
  const talks = [await call(site), await call(site)];
  await Promise.all(talks.map((talk) => ask(talk, question)));
  const other = await site.start();
  const seen = await freeze(frozen, talks, async () => {
    // The other sends from elsewhere, and the callers have been told.
    await Promise.all(talks.map((talk) => ask(talk, question)));
  });
  expect(sipCommandsSince(seen.thawed.at)).toEqual([]);
  await expectToWork(frozen);
  await Promise.all(talks.map((talk) => ask(talk, question)));
  await expectSilence(talks, seen);
  for (const talk of talks) expect((await expectOneCall(site, talk, { streams: 2 })).epoch).toBe(2);
  for (const application of [frozen, other]) {
    application.signal('SIGINT');
    expect(await application.ended).toBe('exit code 0');
  }
});

test('C17: deadlines that passed while it was frozen move nothing either', async () => {
  const env = { MAX_CALL_SECONDS: '30' };
  const frozen = await startTapped(env);
  const began = performance.now();
  const talks = [await call(site), await call(site)];
  const other = await site.start(env);
  const seen = await freeze(frozen, talks, () =>
    vi.waitFor(() => {
      if (performance.now() - began < 31_000) throw new Error('The calls may go on.');
    }, PATIENCE),
  );
  expect(sipCommandsSince(seen.thawed.at)).toEqual([]);
  await expectToWork(frozen);
  await expectSilence(talks, seen);
  for (const application of [frozen, other]) {
    application.signal('SIGINT');
    expect(await application.ended).toBe('exit code 0');
  }
});
