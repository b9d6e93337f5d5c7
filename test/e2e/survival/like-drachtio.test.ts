/**
 * Behind drachtio-server a dialog stays with the connection that began it: who takes its call over can use it, but is
 * not told what the caller does in it. The embedded server behaves like that here.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { listenTo } from '#demo/listening.ts';
import { openRawApp } from '../../fakes/raw-app.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { openRawCall, type RawCall } from '../../fixtures/system/raw-call.ts';
import type { CallDetail } from '../../fixtures/system/running-system.ts';

const SIP_SERVER = fileURLToPath(new URL('../../fixtures/programs/like-drachtio-sip-server.ts', import.meta.url));
const SECRET = 'known-to-the-test';
const VOICE_MS = 15_000;
/** From the end of the dialog to the end of its row. */
const NOTICED_MS = 3_000;

let trunkline: MortalSystem;

beforeAll(async () => {
  trunkline = await startMortalSystem({ programs: { sipServer: SIP_SERVER }, env: { DRACHTIO_SECRET: SECRET } });
});

afterAll(() => trunkline?.stop());

beforeEach(() => trunkline.untilHealthy());

afterEach(async () => {
  await trunkline.letReturn();
  await trunkline.untilBack();
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});

const connected = async (): Promise<RawCall> => {
  const call = await openRawCall(trunkline);
  await call.connect();
  return call;
};

/** What the caller's BYE is answered with when the owner of its dialog is gone; the dialog is over all the same. */
const hangUpUnheard = async (call: RawCall): Promise<number> => {
  call.send('BYE', { cseq: 11, toTag: call.toTag });
  await call.peer.take('SIP/2.0 481');
  return Date.now();
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const outcome = async (number: string): Promise<Partial<CallDetail> & { endedAfterMs: (from: number) => number }> => {
  const { status, cause, ledger, endedAt } = await trunkline.untilSettled(number);
  expect(ledger?.leaked).toEqual([]);
  expect(await trunkline.rowsOf(number)).toHaveLength(1);
  return { status, cause, endedAfterMs: (from) => Date.parse(endedAt ?? '') - from };
};

test('C17: a call goes on after a kill, and its end is noticed within 3 s, without a word on the wire before', async () => {
  const call = await connected();
  trunkline.kill();
  await trunkline.untilBack();
  await trunkline.untilState(call.number, 'talking');
  await call.untilHeard(50);
  // Asking whether it is still there costs the caller nothing.
  await trunkline.untilHealthy();
  expect(call.peer.waiting().filter(({ start }) => !start.startsWith('SIP/2.0 '))).toEqual([]);
  const endedAt = await hangUpUnheard(call);
  const { endedAfterMs, ...settled } = await outcome(call.number);
  expect(settled).toEqual({ status: 'answered', cause: 'callerHungUp' });
  expect(endedAfterMs(endedAt)).toBeLessThan(NOTICED_MS);
  await call.close();
});

test('C17: a dialog that vanished is noticed within 3 s also when the news of it went to another application', async () => {
  const calls = [await connected(), await connected()];
  trunkline.kill();
  await trunkline.untilBack();
  for (const { number } of calls) await trunkline.untilState(number, 'talking');
  // Ends of calls are told to one application in turn.
  const other = await openRawApp(trunkline.system.addresses.control.port);
  other.say(`a|authenticate|${SECRET}|`);
  await other.next();
  other.say('b|route|cdr:stop');
  await other.next();
  const ended: number[] = [];
  for (const call of calls) ended.push(await hangUpUnheard(call));
  for (const [index, call] of calls.entries()) {
    const { endedAfterMs, ...settled } = await outcome(call.number);
    expect(settled).toMatchObject({ status: 'answered' });
    expect(endedAfterMs(ended[index] ?? 0)).toBeLessThan(NOTICED_MS);
    await call.close();
  }
  expect(other.waiting().filter((frame) => frame.includes('|cdr:stop|'))).toHaveLength(1);
  other.socket.destroy();
});

test('C17: a dialog that vanished while nobody was there ends its call at once on return', async () => {
  const call = await connected();
  await trunkline.keepAway();
  const pid = trunkline.system.applicationPid ?? 0;
  trunkline.kill();
  // Until its connection is closed, the SIP server gives it what comes for it.
  await expect.poll(() => isRunning(pid)).toBe(false);
  await call.peer.settle();
  await hangUpUnheard(call);
  await trunkline.letReturn();
  await trunkline.untilBack();
  const backAt = Date.now();
  const { endedAfterMs, ...settled } = await outcome(call.number);
  expect(settled).toEqual({ status: 'answered', cause: 'callerHungUp' });
  expect(endedAfterMs(backAt)).toBeLessThan(NOTICED_MS);
  await call.close();
});

test('C17: the application may hang up a call that it has taken over', async () => {
  const caller = await trunkline.caller();
  const listening = listenTo(caller.audio);
  expect(await caller.invite()).toMatchObject({ status: 200 });
  const { callId } = await trunkline.untilState(caller.number, 'talking');
  trunkline.kill();
  await trunkline.untilBack();
  await listening.untilVoice('The agent', VOICE_MS);
  await trunkline.untilState(caller.number, 'talking');
  await trunkline.post(`/api/v1/calls/${callId}/hangup`);
  await caller.untilHungUpByPeer();
  const { status, cause } = await outcome(caller.number);
  expect({ status, cause }).toEqual({ status: 'answered', cause: 'operatorHungUp' });
});

test('C15: a call that rang when the application was killed is refused on return', async () => {
  await trunkline.rehearsal.fault({ kind: 'hangSetup' });
  const caller = await trunkline.caller();
  const invited = caller.invite();
  await caller.untilProvisional(180);
  await trunkline.kept.until(caller.number, 'alerting');
  trunkline.kill();
  await trunkline.untilBack();
  expect(await invited).toMatchObject({ status: 503 });
  const { status, cause } = await outcome(caller.number);
  expect({ status, cause }).toEqual({ status: 'failed', cause: 'fault' });
  await trunkline.rehearsal.reset();
});
