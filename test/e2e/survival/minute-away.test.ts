/** The application is away for a minute: what the SIP server does for its callers, and what becomes of their calls. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenTo } from '#demo/listening.ts';
import { headerOf } from '#demo/sip-text.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { openRawCall, type RawCall } from '../../fixtures/system/raw-call.ts';
import type { TestCaller } from '../../fixtures/system/running-system.ts';

const AWAY_MS = 60_000;
const VOICE_MS = 15_000;
/** RFC 3261 17.1.2.2, timer E, and 17.1.1.2, timer A: what is not answered is sent again after T1. */
const FIRST_RETRANSMISSION_MS = 500;
/** RFC 4320 4.1: before a peer would repeat a request other than INVITE slower, it hears 100. */
const TRYING_MS = 3_500;
/** How long the SIP server lets a request wait for an application. */
const PATIENCE_MS = 5_000;

let trunkline: MortalSystem;

beforeAll(async () => {
  trunkline = await startMortalSystem();
});

afterAll(() => trunkline?.stop());

const talking = async (): Promise<TestCaller> => {
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await trunkline.untilState(caller.number, 'talking');
  return caller;
};

type Watched = { status: number; retryAfter: number; tryingAfterMs: number; tookMs: number };

const watchReinvite = async (caller: TestCaller): Promise<Watched> => {
  const began = performance.now();
  const before = caller.provisionals.length;
  const answering = caller.request('INVITE', { type: 'application/sdp', text: caller.offer() });
  await expect.poll(() => caller.provisionals.length, { interval: 10 }).toBe(before + 1);
  const tryingAfterMs = performance.now() - began;
  expect(caller.provisionals.at(-1)).toMatchObject({ status: 100 });
  const answer = await answering;
  const retryAfter = Number(headerOf(answer, 'retry-after'));
  return { status: answer.status, retryAfter, tryingAfterMs, tookMs: performance.now() - began };
};

const watchOptions = async ({ peer, send, toTag }: RawCall): Promise<Watched> => {
  // What is left of the INVITE.
  for (const { start } of peer.waiting()) await peer.take(start);
  const began = performance.now();
  send('OPTIONS', { cseq: 2, toTag });
  await peer.take('SIP/2.0 100');
  const tryingAfterMs = performance.now() - began;
  const retryAfter = Number((await peer.take('SIP/2.0 500')).header('Retry-After'));
  return { status: 500, retryAfter, tryingAfterMs, tookMs: performance.now() - began };
};

/** BYE at once 200; the row has its time. */
const hangsUp = async (caller: TestCaller): Promise<number> => {
  const endedAt = Date.now();
  expect(await caller.bye()).toMatchObject([{ status: 200 }]);
  expect(Date.now() - endedAt).toBeLessThan(FIRST_RETRANSMISSION_MS);
  expect(caller.retransmissions).toBe(0);
  return endedAt;
};

const expectWaited = ({ status, retryAfter, tookMs }: Watched) => {
  expect(status).toBe(500);
  expect(retryAfter).toBeGreaterThan(0);
  expect(tookMs).toBeGreaterThan(PATIENCE_MS - 500);
};

test('C17: a minute away: hang-ups are answered at once and kept, requests wait their time, calls go on, nobody rings on', async () => {
  const leaver = await talking();
  const lateLeaver = await talking();
  const holder = await talking();
  const prober = await openRawCall(trunkline);
  await prober.connect();
  await trunkline.keepAway();
  trunkline.kill();
  // A busy machine takes its time to clear away what is left of a process.
  await expect.poll(() => trunkline.lines.some((line) => line.startsWith('application ended'))).toBe(true);
  const awayAt = performance.now();

  const leftAt = await hangsUp(leaver);
  const newcomer = await trunkline.caller();
  const [reinvite, options, refused] = await Promise.all([
    watchReinvite(holder),
    watchOptions(prober),
    newcomer.invite(),
  ]);
  expectWaited(reinvite);
  expect(reinvite.tryingAfterMs).toBeLessThan(FIRST_RETRANSMISSION_MS);
  expectWaited(options);
  expect(options.tryingAfterMs).toBeGreaterThan(TRYING_MS - 500);
  expect(options.tryingAfterMs).toBeLessThan(PATIENCE_MS);
  expect(refused).toMatchObject({ status: 503 });

  await pause(AWAY_MS - (performance.now() - awayAt));
  const lateLeftAt = await hangsUp(lateLeaver);
  const listening = listenTo(holder.audio);
  await trunkline.letReturn();
  await trunkline.untilBack();

  for (const [caller, endedAt] of [
    [leaver, leftAt],
    [lateLeaver, lateLeftAt],
  ] as const) {
    const { status, cause, endedAt: told, ledger, recording } = await trunkline.untilSettled(caller.number);
    expect({ status, cause, leaked: ledger?.leaked, recording: recording?.state }).toEqual({
      status: 'answered',
      cause: 'callerHungUp',
      leaked: [],
      recording: 'published',
    });
    expect(Math.abs(Date.parse(told ?? '') - endedAt)).toBeLessThan(FIRST_RETRANSMISSION_MS);
    expect(caller.isHungUpByPeer).toBe(false);
  }
  // Nothing was written of a call that nobody could take.
  expect(await trunkline.rowsOf(newcomer.number)).toEqual([]);
  await trunkline.untilState(prober.number, 'talking');
  await prober.untilHeard();
  prober.send('OPTIONS', { cseq: 3, toTag: prober.toTag });
  await prober.peer.take('SIP/2.0 200');
  prober.send('BYE', { cseq: 4, toTag: prober.toTag });
  await prober.peer.take('SIP/2.0 200');
  await trunkline.untilState(holder.number, 'talking');
  await listening.untilVoice('The agent', VOICE_MS);
  expect(await holder.request('OPTIONS')).toMatchObject({ status: 200 });
  expect(await holder.bye()).toMatchObject([{ status: 200 }]);
  for (const { number } of [holder, prober]) {
    expect(await trunkline.untilSettled(number)).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
  }
  await prober.close();
});
