/**
 * The application is killed in each state of a call that it places; before each kill, the state is what the database
 * holds. Nobody who has not answered rings on, and nobody who has is left in silence.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { divergedOf } from '../../fixtures/system/diverged.ts';
import { startMortalSystem, type MortalSystem } from '../../fixtures/system/mortal-system.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, type CallDetail } from '../../fixtures/system/running-system.ts';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { lockTable } from '../../fixtures/system/table-lock.ts';

const LOST_WHILE_RINGING = { status: 'failed', cause: 'fault', leaked: [] };

let callee: RawCallee;
let trunkId: number;
let trunkline: MortalSystem;

beforeAll(async () => {
  trunkline = await startMortalSystem();
});

afterAll(() => trunkline?.stop());

beforeEach(async () => {
  await trunkline.untilHealthy();
  callee = await openRawCallee(trunkline.sip.port);
  const { port } = callee.peer;
  const trunk = { name: `trunk of ${port}`, host: '127.0.0.1', port, callerIds: ['+35921234567'] };
  const { id } = (await (await send('POST', '/trunks', trunk)).json()) as { id: number };
  trunkId = id;
});

afterEach(async () => {
  await trunkline.letReturn();
  await trunkline.untilBack();
  await send('DELETE', `/trunks/${trunkId}`);
  await callee.close();
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});

const send = (method: string, path: string, body?: object) =>
  fetch(`${trunkline.system.addresses.http}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${trunkline.system.apiToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });

/** A call that has been placed, and its INVITE. */
const place = async (): Promise<{ number: string; invite: PeerMessage }> => {
  const number = newNumber();
  expect((await send('POST', '/calls', { number })).status).toBe(201);
  const invite = await callee.invited();
  expect(invite.start).toContain(number);
  return { number, invite };
};

const settled = async (number: string): Promise<Pick<CallDetail, 'status' | 'cause'> & { leaked: unknown }> => {
  const { status, cause, ledger, callId } = await trunkline.untilSettled(number);
  expect(await trunkline.rowsOf(number)).toHaveLength(1);
  const timeline = await trunkline.api.timeline(callId);
  expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));
  expect(await divergedOf(trunkline, callId)).toEqual([]);
  return { status, cause, leaked: ledger?.leaked };
};

/** The call is taken back: CANCEL, answered in order. */
const expectCancelled = async (invite: PeerMessage) => {
  callee.respond(await callee.peer.take('CANCEL'), 200);
  callee.respond(invite, 487);
  await callee.peer.take('ACK');
};

const talkTo = async () => {
  const call = await place();
  callee.respond(call.invite, 180);
  await callee.answer(call.invite);
  return call;
};

// opening → failed: no INVITE has left, none leaves later.
test('C15: killed while opening: nobody is called, and the row that is committed afterwards is failed', async () => {
  const number = newNumber();
  const lock = await lockTable(trunkline.system.addresses.databaseUrl, 'call_sessions');
  const ordered = send('POST', '/calls', { number }).catch(() => null);
  await expect.poll(() => trunkline.api.health()).toMatchObject({ liveCalls: 1 });
  await lock.awaited();
  await trunkline.keepAway();
  trunkline.kill();
  expect(await ordered).toBeNull();
  await lock.release();
  await trunkline.kept.until(number, 'opening', { name: 'opening-outbound' });
  await trunkline.letReturn();
  await trunkline.untilBack();
  expect(await settled(number)).toEqual({ status: 'failed', cause: 'fault', leaked: [] });
  await callee.peer.settle();
  expect(callee.peer.waiting()).toEqual([]);
});

// dialling → cancelling: the INVITE is out, and nobody could talk to whoever answered it.
test('C15: killed while dialling: the INVITE is cancelled on return, the row is failed', async () => {
  const { number, invite } = await place();
  callee.respond(invite, 100, { toTag: '' });
  await trunkline.kept.until(number, 'dialling');
  trunkline.kill();
  await trunkline.untilBack();
  await expectCancelled(invite);
  expect(await settled(number)).toEqual(LOST_WHILE_RINGING);
});

// dialling, no word from the other side at all → a CANCEL may only follow a provisional response (RFC 3261 9.1).
test('C15: killed while dialling into silence: the CANCEL follows the first word of the callee', async () => {
  const { number, invite } = await place();
  await trunkline.kept.until(number, 'dialling');
  trunkline.kill();
  await trunkline.untilBack();
  callee.respond(invite, 180);
  await expectCancelled(invite);
  expect(await settled(number)).toEqual(LOST_WHILE_RINGING);
});

// ringing → cancelling: the callee's phone stops ringing.
test('C15: killed while ringing: the INVITE is cancelled on return, the row is failed', async () => {
  const { number, invite } = await place();
  callee.respond(invite, 180);
  await trunkline.kept.until(number, 'ringing');
  trunkline.kill();
  await trunkline.untilBack();
  await expectCancelled(invite);
  expect(await settled(number)).toEqual(LOST_WHILE_RINGING);
});

// ringing, answered while nobody is there → ACK and BYE: nobody is left in silence.
test('C15: killed while ringing, answered before the return: the callee gets ACK and BYE, the row is failed', async () => {
  const { number, invite } = await place();
  callee.respond(invite, 180);
  await trunkline.kept.until(number, 'ringing');
  await trunkline.keepAway();
  trunkline.kill();
  const acknowledged = callee.answer(invite);
  await trunkline.letReturn();
  await trunkline.untilBack();
  await acknowledged;
  callee.respond(await callee.peer.take('BYE'), 200);
  expect(await settled(number)).toEqual(LOST_WHILE_RINGING);
});

// ringing, refused while nobody is there → nothing is left to cancel.
test('C15: killed while ringing, refused before the return: nobody rings on, the row is failed', async () => {
  const { number, invite } = await place();
  callee.respond(invite, 180);
  await trunkline.kept.until(number, 'ringing');
  await trunkline.keepAway();
  trunkline.kill();
  callee.respond(invite, 486);
  await callee.peer.take('ACK');
  await trunkline.letReturn();
  await trunkline.untilBack();
  expect(await settled(number)).toEqual(LOST_WHILE_RINGING);
  await callee.peer.settle();
  expect(callee.peer.waiting().filter(({ start }) => start.startsWith('CANCEL'))).toEqual([]);
});

// cancelling → cancelling: the final response is waited for again, the first cause stands.
test('C15: killed while cancelling: the final response ends the call on return, the cause stands', async () => {
  const { number, invite } = await place();
  callee.respond(invite, 180);
  const { callId: id } = await trunkline.untilState(number, 'ringing');
  await trunkline.post(`/api/v1/calls/${id}/hangup`);
  callee.respond(await callee.peer.take('CANCEL'), 200);
  await trunkline.kept.until(number, 'cancelling');
  trunkline.kill();
  await trunkline.untilBack();
  callee.respond(invite, 487);
  await callee.peer.take('ACK');
  expect(await settled(number)).toEqual({ status: 'failed', cause: 'operatorHungUp', leaked: [] });
});

// talking → goes on, as a call that came in.
test('C17: killed while talking: the call goes on, and ends as the callee ends it', async () => {
  const { number, invite } = await talkTo();
  await trunkline.kept.until(number, 'talking', {
    wanted: ({ take, heard }) => take !== null && heard !== null,
    name: 'talking-outbound',
  });
  trunkline.kill();
  await trunkline.untilBack();
  await trunkline.untilState(number, 'talking');
  const heard = callee.rtp.heard.length;
  await expect.poll(() => callee.rtp.heard.length).toBeGreaterThan(heard + 10);
  callee.send('BYE', invite);
  await callee.peer.take('SIP/2.0 200');
  expect(await settled(number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
});

// recovering, lost in talking → goes on after the second return.
test('C17: killed again while recovering: the call goes on after the second return', async () => {
  const { number, invite } = await talkTo();
  await trunkline.kept.until(number, 'talking', { wanted: ({ take }) => take !== null, name: 'talking-outbound' });
  const sipServer = await trunkline.freezeSipServer();
  trunkline.kill();
  await trunkline.kept.until(number, 'recovering', {
    wanted: ({ was }) => was === 'talking',
    name: 'recovering-outbound',
  });
  trunkline.kill();
  sipServer.goOn();
  await trunkline.untilBack();
  await trunkline.untilState(number, 'talking');
  callee.send('BYE', invite);
  await callee.peer.take('SIP/2.0 200');
  expect(await settled(number)).toEqual({ status: 'answered', cause: 'callerHungUp', leaked: [] });
});
