import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { mulawLevel } from '#demo/mulaw.ts';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

let trunkline: TestSystem;
let api: OutboundApi;
let callee: RawCallee;

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
  callee = await openRawCallee(trunkline.sip.port);
  await api.addTrunk(callee);
});
afterAll(async () => {
  await callee.close();
  await trunkline.stop();
});

const untilHeld = (callId: string, isHeld: boolean) =>
  vi.waitFor(async () => {
    const { body } = await api.send('GET', `/calls/${callId}`);
    expect(body['live']).toMatchObject({ held: isHeld });
  }, PATIENCE);

const voiced = (from: number) => callee.rtp.heard.slice(from).filter(({ payload }) => mulawLevel(payload) > 0.02);

const untilHeard = (more: number) => {
  const wanted = callee.rtp.heard.length + more;
  return vi.waitFor(() => expect(callee.rtp.heard.length).toBeGreaterThan(wanted), PATIENCE);
};

const answered = (request: PeerMessage, direction: string) => {
  callee.respond(request, 200, { body: `${callee.sdp()}a=${direction}\r\n` });
  return callee.peer.take('ACK');
};

it('C11: a call is put on hold and taken back: meanwhile the agent is silent, and the row says so', async () => {
  const number = newNumber();
  const placing = api.place(number);
  const invite = await callee.invited();
  await placing;
  callee.respond(invite, 180);
  await trunkline.untilState(number, 'ringing');
  await callee.answer(invite);
  const { callId } = await trunkline.untilState(number, 'talking');
  const order = (what: string) => api.send('POST', `/calls/${callId}/${what}`);
  expect(await order('unhold')).toMatchObject({ status: 409, body: { code: 'not_held' } });
  await vi.waitFor(() => expect(voiced(0).length).toBeGreaterThan(10), PATIENCE);

  expect(await order('hold')).toMatchObject({ status: 202, body: { callId } });
  const holding = await callee.invited();
  expect(holding.body).toContain('a=sendonly');
  await answered(holding, 'recvonly');
  await untilHeld(callId, true);
  expect(await order('hold')).toMatchObject({ status: 409, body: { code: 'already_held' } });
  await untilHeard(10);
  const from = callee.rtp.heard.length;
  await untilHeard(40);
  expect(voiced(from)).toEqual([]);

  expect(await order('unhold')).toMatchObject({ status: 202 });
  const resuming = await callee.invited();
  expect(resuming.body).toContain('a=sendrecv');
  await answered(resuming, 'sendrecv');
  await untilHeld(callId, false);
  const back = callee.rtp.heard.length;
  await vi.waitFor(() => expect(voiced(back).length).toBeGreaterThan(10), PATIENCE);

  await order('hold');
  callee.respond(await callee.invited(), 488);
  await callee.peer.take('ACK');
  await untilHeld(callId, false);
  callee.send('BYE', invite);
  expect(await trunkline.untilSettled(number)).toMatchObject({ status: 'answered', ledger: { leaked: [] } });
  expect(await order('hold')).toMatchObject({ status: 409, body: { code: 'call_over' } });
});
