import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

let trunkline: TestSystem;
let callee: RawCallee;
let trunkId = 0;

const send = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${trunkline.system.addresses.http}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${trunkline.system.apiToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> };
};

const addTrunk = async (peer: RawCallee, settings: object = {}) => {
  const name = `trunk of ${peer.peer.port}`;
  const { status, body } = await send('POST', '/trunks', {
    ...{ name, host: '127.0.0.1', port: peer.peer.port, callerIds: ['+359898995151'] },
    ...settings,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body['id'] as number;
};

const place = async (number: string, order: object = {}) => send('POST', '/calls', { number, ...order });

beforeAll(async () => {
  trunkline = await startTestSystem();
});
beforeEach(async () => {
  callee = await openRawCallee(trunkline.sip.port);
  trunkId = await addTrunk(callee);
});
afterEach(async () => {
  await send('DELETE', `/trunks/${trunkId}`);
  await callee.close();
});
afterAll(() => trunkline.stop());

describe('a call that is placed over a static trunk', () => {
  it('S1: is a row before its INVITE leaves, is answered, talks and ends', async () => {
    const number = newNumber();
    const placing = place(number);
    const invite = await callee.invited();
    const [row] = await trunkline.rowsOf(number);
    expect(row).toMatchObject({ direction: 'outbound', calledNumber: number, callerNumber: '+359898995151' });
    const placed = await placing;
    expect(placed).toMatchObject({ status: 201, body: { callId: row?.callId, calledNumber: number } });
    expect(invite.start).toBe(`INVITE sip:${number}@127.0.0.1:${callee.peer.port} SIP/2.0`);

    callee.respond(invite, 180, { reason: 'Ringing' });
    await trunkline.untilState(number, 'ringing');
    await callee.answer(invite);
    await trunkline.untilState(number, 'talking');
    await vi.waitFor(() => expect(callee.rtp.heard.length).toBeGreaterThan(20), PATIENCE);

    callee.send('BYE', invite);
    await callee.peer.take('SIP/2.0 200');
    const settled = await trunkline.untilSettled(number);
    expect(settled).toMatchObject({ status: 'answered', cause: 'callerHungUp', ledger: { leaked: [] } });
  });
});
