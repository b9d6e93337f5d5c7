import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHash } from 'node:crypto';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

let trunkline: TestSystem;
let api: OutboundApi;
let callee: RawCallee;
let trunkId = 0;

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
});
beforeEach(async () => {
  callee = await openRawCallee(trunkline.sip.port);
  trunkId = await api.addTrunk(callee);
});
afterEach(async () => {
  await api.removeTrunk(trunkId);
  await callee.close();
});
afterAll(() => trunkline.stop());

/** Places a call; resolves with its first INVITE. */
const invited = async (number: string, order: object = {}): Promise<PeerMessage> => {
  const placing = api.place(number, order);
  const invite = await callee.invited();
  expect((await placing).status).toBe(201);
  return invite;
};

const settledAs = async (number: string) => {
  const { status, cause, causeDetail, ledger } = await trunkline.untilSettled(number);
  expect(ledger?.leaked).toEqual([]);
  expect(await trunkline.rowsOf(number)).toHaveLength(1);
  return { status, cause, causeDetail };
};

const fieldOf = (header: string, name: string) => new RegExp(`${name}="?([^",]+)"?`).exec(header)?.[1] ?? '';

describe('a call that is placed over a static trunk', () => {
  it('S1: is a row before its INVITE leaves, is answered, talks and ends', async () => {
    const number = newNumber();
    const placing = api.place(number);
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
    expect(await settledAs(number)).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
  });

  it.each([
    ['486', {}, 'busy', 'busy'],
    ['603', {}, 'rejected', 'rejected'],
    ['404', {}, 'failed', 'invalidNumber'],
    ['480', {}, 'no_answer', 'noAnswer'],
    ['503', {}, 'failed', 'trunkUnavailable'],
    ['403', {}, 'failed', 'trunkRefused'],
    ['488', {}, 'failed', 'mediaRefused'],
    ['500', { headers: ['Reason: SIP;cause=500, Q.850;cause=17;text="User busy"'] }, 'busy', 'busy'],
  ])('C5: %s with %j ends it, acknowledged', async (status, parts, outcome, cause) => {
    const number = newNumber();
    const invite = await invited(number);
    callee.respond(invite, Number(status), { reason: 'No', ...parts });
    await callee.peer.take('ACK');
    expect(await settledAs(number)).toEqual({ status: outcome, cause, causeDetail: `${status} No` });
  });

  it.each(['MD5', 'SHA-256'] as const)('C6: answers a %s challenge of a proxy, once stale', async (algorithm) => {
    await api.changeTrunk(trunkId, { username: 'office', password: 'a secret' });
    const number = newNumber();
    const first = await invited(number);
    const ask = (nonce: string, more = '') =>
      `Proxy-Authenticate: Digest realm="r", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${more}`;
    callee.respond(first, 407, { headers: [ask('n1')] });
    const second = await callee.invited();
    callee.respond(second, 407, { headers: [ask('n2', ', stale=true')] });
    const third = await callee.invited();
    expect([first, second, third].map((invite) => Number.parseInt(invite.header('CSeq')))).toEqual([
      Number.parseInt(first.header('CSeq')),
      Number.parseInt(first.header('CSeq')) + 1,
      Number.parseInt(first.header('CSeq')) + 2,
    ]);
    const header = third.header('Proxy-Authorization');
    const hash = (text: string) =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    const a2 = hash(`INVITE:sip:${number}@127.0.0.1:${callee.peer.port}`);
    const middle = `${fieldOf(header, 'nonce')}:${fieldOf(header, 'nc')}:${fieldOf(header, 'cnonce')}:auth`;
    expect(fieldOf(header, 'response')).toBe(hash(`${hash('office:r:a secret')}:${middle}:${a2}`));
    await callee.answer(third);
    await trunkline.untilState(number, 'talking');
    callee.send('BYE', third);
    expect(await settledAs(number)).toMatchObject({ status: 'answered' });
  });

  it('C5: a challenge that our password does not meet is the refusal of the trunk', async () => {
    await api.changeTrunk(trunkId, { username: 'office', password: 'wrong' });
    const number = newNumber();
    const challenge = { headers: ['WWW-Authenticate: Digest realm="r", nonce="n"'] };
    callee.respond(await invited(number), 401, challenge);
    callee.respond(await callee.invited(), 401, challenge);
    expect(await settledAs(number)).toMatchObject({ status: 'failed', cause: 'trunkRefused' });
  });

  it('lengthens the session interval that the callee finds too short', async () => {
    const number = newNumber();
    callee.respond(await invited(number), 422, { headers: ['Min-SE: 180'] });
    const again = await callee.invited();
    expect([again.header('Session-Expires'), again.header('Min-SE')]).toEqual(['180;refresher=uas', '180']);
    callee.respond(again, 486);
    expect(await settledAs(number)).toMatchObject({ status: 'busy' });
  });

  it('follows a redirection where the trunk may, within the destination rules', async () => {
    const number = newNumber();
    const moved = { headers: ['Contact: <sip:+35987000000@192.0.2.7>'] };
    callee.respond(await invited(number), 302, moved);
    expect(await settledAs(number)).toMatchObject({ status: 'failed', cause: 'redirected' });

    await api.changeTrunk(trunkId, { followsRedirects: true, blockedDestinations: ['+35986'] });
    const followed = newNumber();
    callee.respond(await invited(followed), 302, moved);
    const second = await callee.invited();
    expect(second.start).toBe(`INVITE sip:+35987000000@127.0.0.1:${callee.peer.port} SIP/2.0`);
    callee.respond(second, 302, { headers: ['Contact: <sip:+35986000000@192.0.2.7>'] });
    expect(await settledAs(followed)).toMatchObject({ status: 'failed', cause: 'redirected' });
  });

  it('cancels at the ring deadline; a 200 that crosses the CANCEL gets ACK and BYE', async () => {
    const number = newNumber();
    const invite = await invited(number, { ringSeconds: 5 });
    callee.respond(invite, 180);
    const cancel = await callee.peer.take('CANCEL');
    callee.respond(invite, 200, { body: callee.sdp() });
    callee.respond(cancel, 200);
    await callee.peer.take('ACK');
    callee.respond(await callee.peer.take('BYE'), 200);
    expect(await settledAs(number)).toMatchObject({ status: 'no_answer', cause: 'noAnswer' });
  });

  it('is cancelled by an operator while it rings', async () => {
    const number = newNumber();
    const invite = await invited(number);
    callee.respond(invite, 180);
    const { callId } = await trunkline.untilState(number, 'ringing');
    await trunkline.post(`/api/v1/calls/${callId}/hangup`);
    callee.respond(await callee.peer.take('CANCEL'), 200);
    callee.respond(invite, 487);
    expect(await settledAs(number)).toMatchObject({ status: 'failed', cause: 'operatorHungUp' });
  });

  it('C18: waits for the callee behind a gateway that answers at once, and then greets', async () => {
    const number = newNumber();
    const invite = await invited(number);
    await callee.answer(invite);
    const { callId } = await trunkline.untilState(number, 'talking');
    callee.rtp.sendAudio(new Uint8Array(160).fill(0xff));
    await vi.waitFor(async () => {
      const { body } = await trunkline.get(`/api/v1/calls/${callId}/timeline?limit=1000`);
      const { transitions } = body as { transitions: { eventType: string; toState: string }[] };
      const heard = transitions.find(({ eventType }) => eventType === 'media.heard');
      expect(heard?.toState).toContain('greeting');
    }, PATIENCE);
    callee.send('BYE', invite);
    expect(await settledAs(number)).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
  });

  it('takes the branch of a fork that answers first, and hangs up the other', async () => {
    const number = newNumber();
    const invite = await invited(number);
    callee.respond(invite, 180, { toTag: 'one' });
    callee.respond(invite, 183, { toTag: 'two', body: callee.sdp() });
    await callee.answer(invite, { toTag: 'two' });
    await trunkline.untilState(number, 'talking');
    callee.respond(invite, 200, { toTag: 'one', body: callee.sdp() });
    await callee.peer.take('ACK');
    const bye = await callee.peer.take('BYE');
    expect(bye.header('To')).toContain('tag=one');
    callee.respond(bye, 200);
    const { callId } = await trunkline.untilState(number, 'talking');
    await trunkline.post(`/api/v1/calls/${callId}/hangup`);
    const ours = await callee.peer.take('BYE');
    expect(ours.header('To')).toContain('tag=two');
    callee.respond(ours, 200);
    expect(await settledAs(number)).toMatchObject({ status: 'answered' });
  });
});

describe('several trunks', () => {
  it('a trunk that is down is passed over, once nobody has heard of the call', async () => {
    const other = await openRawCallee(trunkline.sip.port);
    const otherId = await api.addTrunk(other, { priority: 200, callerIds: ['+359898995152'] });
    const number = newNumber();
    const first = await invited(number);
    callee.respond(first, 503);
    const second = await other.invited();
    expect(second.header('From')).toContain('+359898995152');
    expect(second.header('Call-ID')).not.toBe(first.header('Call-ID'));
    const [row] = await trunkline.rowsOf(number);
    expect(await trunkline.untilCall(number, ({ sipCallId }) => sipCallId === second.header('Call-ID'))).toMatchObject({
      callId: row?.callId,
      callerNumber: '+359898995152',
    });
    other.respond(second, 486);
    expect(await settledAs(number)).toMatchObject({ status: 'busy' });
    await api.removeTrunk(otherId);
    await other.close();
  });

  it('C5: a trunk that goes down once the call has rung is the end of it', async () => {
    const other = await openRawCallee(trunkline.sip.port);
    const otherId = await api.addTrunk(other, { priority: 200 });
    onTestFinished(() => api.removeTrunk(otherId));
    onTestFinished(() => other.close());
    const number = newNumber();
    const invite = await invited(number);
    callee.respond(invite, 180);
    callee.respond(invite, 503);
    expect(await settledAs(number)).toEqual({ status: 'failed', cause: 'trunkUnavailable', causeDetail: '503 Reason' });
    expect(other.peer.waiting()).toEqual([]);
  });

  it('C5: a trunk that nobody can connect to is passed over; alone, it fails the call', async () => {
    const closed = await openRawCallee(trunkline.sip.port);
    await closed.close();
    const downId = await api.addTrunk(closed, { priority: 1, transport: 'tcp' });
    onTestFinished(() => api.removeTrunk(downId));
    const [number, alone] = [newNumber(), newNumber()];
    callee.respond(await invited(number), 486);
    await callee.peer.take('ACK');
    expect(await settledAs(number)).toMatchObject({ status: 'busy' });

    expect((await api.place(alone, { trunkId: downId })).status).toBe(201);
    expect(await settledAs(alone)).toMatchObject({ status: 'failed', cause: 'trunkUnavailable' });
    expect(callee.peer.waiting()).toEqual([]);
  });

  it('C13: capacity is what live calls hold; used up, it is said with 429 and nothing is sent', async () => {
    await api.changeTrunk(trunkId, { capacity: 1 });
    const [first, second] = [newNumber(), newNumber()];
    const invite = await invited(first);
    expect(await api.place(second)).toMatchObject({ status: 429, body: { code: 'capacity_used_up' } });
    expect(await trunkline.rowsOf(second)).toEqual([]);
    callee.respond(invite, 486);
    await settledAs(first);
    const next = await vi.waitFor(async () => {
      const placed = await api.place(second);
      expect(placed.status).toBe(201);
      return callee.invited();
    }, PATIENCE);
    callee.respond(next, 486);
    await settledAs(second);
  });

  it('says what is wrong with an order, and sends nothing', async () => {
    await api.changeTrunk(trunkId, { blockedDestinations: ['+359'] });
    expect(await api.place(newNumber())).toMatchObject({ status: 409, body: { code: 'destination_blocked' } });
    expect(await api.place('12ab')).toMatchObject({ status: 422, body: { code: 'number_unusable' } });
    expect(await api.place(newNumber(), { callerId: '+4930123456' })).toMatchObject({ status: 409 });
    await callee.peer.settle();
    expect(callee.peer.waiting()).toEqual([]);
  });

  it('never tells a password, and keeps a trunk of the settings as it is', async () => {
    await api.changeTrunk(trunkId, { username: 'office', password: 'a secret' });
    const { body } = await api.send('GET', '/trunks');
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body['trunks']).toContainEqual(expect.objectContaining({ id: trunkId, hasPassword: true }));
    expect(await api.send('POST', '/trunks', { name: 'x', host: 'h', kind: 'register' })).toMatchObject({
      status: 422,
    });
    expect(await api.send('PATCH', `/trunks/${trunkId}`, { mediaCidrs: ['1.2.3'] })).toMatchObject({ status: 422 });
  });
});
