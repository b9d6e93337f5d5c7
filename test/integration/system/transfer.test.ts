import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

const ELSEWHERE = '+359888000009';

let trunkline: TestSystem;
let api: OutboundApi;
let callee: RawCallee;
let number: string;
let invite: PeerMessage;
let callId: string;

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
  callee = await openRawCallee(trunkline.sip.port);
  await api.addTrunk(callee);
});
beforeEach(async () => {
  number = newNumber();
  const placing = api.place(number);
  invite = await callee.invited();
  await placing;
  await callee.answer(invite);
  ({ callId } = await trunkline.untilState(number, 'talking'));
});
afterAll(async () => {
  await callee.close();
  await trunkline.stop();
});

const notify = async (status: string, isLast: boolean) => {
  callee.send('NOTIFY', invite, {
    headers: ['Event: refer', `Subscription-State: ${isLast ? 'terminated;reason=noresource' : 'active'}`],
    body: { type: 'message/sipfrag', text: `SIP/2.0 ${status}\r\n` },
  });
  await callee.peer.take('SIP/2.0 200');
};

const transfer = async () => {
  expect(await api.send('POST', `/calls/${callId}/transfer`, { number: ELSEWHERE })).toMatchObject({ status: 202 });
  const refer = await callee.peer.take('REFER');
  expect(refer.header('Refer-To')).toBe(`<sip:${ELSEWHERE}@${callee.peer.address}>`);
  return refer;
};

describe('POST /calls/{id}/transfer', () => {
  it('ends the call as transferred once the other one has been reached', async () => {
    callee.respond(await transfer(), 202);
    await notify('100 Trying', false);
    await notify('200 OK', true);
    callee.respond(await callee.peer.take('BYE'), 200);
    expect(await trunkline.untilSettled(number)).toMatchObject({
      status: 'answered',
      cause: 'transferred',
      ledger: { leaked: [] },
    });
  });

  it.each([
    ['a refusal of the REFER', async () => callee.respond(await transfer(), 603)],
    [
      'an other one who is busy',
      async () => {
        callee.respond(await transfer(), 202);
        await notify('486 Busy Here', true);
      },
    ],
  ])('goes on with the agent after %s', async (_, fail) => {
    await fail();
    await vi.waitFor(async () => {
      const { body } = await trunkline.get(`/api/v1/calls/${callId}/timeline?limit=1000`);
      const { transitions } = body as { transitions: { eventType: string; toState: string }[] };
      const failed = transitions.find(({ eventType }) => eventType === 'transfer.failed');
      expect(failed?.toState).toContain('attending');
    }, PATIENCE);
    const before = callee.rtp.heard.length;
    await vi.waitFor(() => expect(callee.rtp.heard.length).toBeGreaterThan(before + 10), PATIENCE);
    callee.send('BYE', invite);
    expect(await trunkline.untilSettled(number)).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
  });

  it('is refused for a call that is over', async () => {
    callee.send('BYE', invite);
    await trunkline.untilSettled(number);
    const answer = await api.send('POST', `/calls/${callId}/transfer`, { number: ELSEWHERE });
    expect(answer).toMatchObject({ status: 409, body: { code: 'call_over' } });
  });
});
