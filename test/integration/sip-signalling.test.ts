import { afterEach, describe, expect, it } from 'vitest';
import { createCaller } from '#demo/caller.ts';
import type { Caller } from '#demo/caller.ts';
import { headerOf, toTagOf } from '#demo/sip-text.ts';
import { startAnsweringApp } from '../fakes/answering-app.ts';
import type { AnsweringApp } from '../fakes/answering-app.ts';

let app: AnsweringApp;
const callers: Caller[] = [];
const start = async (options: Parameters<typeof startAnsweringApp>[0] = {}) => {
  app = await startAnsweringApp(options);
};
const dial = async (): Promise<Caller> => {
  const caller = await createCaller({ sipTarget: app.sip.udp });
  callers.push(caller);
  return caller;
};
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.close();
  await app.close();
});

describe('a call through the embedded SIP server', () => {
  it('rings, is answered with the tag of the INVITE, acknowledged and ended', async () => {
    await start();
    const caller = await dial();
    const answer = await caller.invite();
    const call = await app.untilCall();
    expect(answer.status).toBe(200);
    expect(caller.provisionals.map(({ status }) => status)).toEqual([100, 180]);
    expect(toTagOf(answer)).toBe(call.invite.localTag);
    expect(await app.untilEvent(call, 'dialog.acknowledged')).toMatchObject({ media: { codec: 'PCMU' } });
    const [bye] = await caller.bye();
    expect(bye?.status).toBe(200);
    await app.untilEvent(call, 'caller.hungUp');
    expect(call.events.map(({ type }) => type)).toEqual(['dialog.acknowledged', 'caller.hungUp']);
    expect([caller.retransmissions, caller.repeatedAnswers]).toEqual([0, 0]);
  });

  it('S5: answers a BYE sent twice in full, twice the same, and tells of it once', async () => {
    await start();
    const caller = await dial();
    await caller.invite();
    const [first, second] = await caller.bye(2);
    const call = await app.untilCall();
    expect([first?.status, second?.status]).toEqual([200, 200]);
    expect(second?.raw).toBe(first?.raw);
    for (const name of ['via', 'from', 'to', 'call-id', 'cseq']) expect(first && headerOf(first, name)).toBeTruthy();
    expect((await caller.bye())[0]?.status).toBe(481);
    expect(call.events.filter(({ type }) => type === 'caller.hungUp').length).toBe(1);
  });

  it('C1: two calls of one caller end apart', async () => {
    await start();
    const [first, second] = [await dial(), await dial()];
    await first.invite();
    await second.invite();
    await second.bye();
    await app.until(() => app.calls[1]?.events.some(({ type }) => type === 'caller.hungUp') ?? false);
    expect(app.calls[0]?.events.map(({ type }) => type)).toEqual(['dialog.acknowledged']);
    expect((await first.bye())[0]?.status).toBe(200);
  });

  it('C9: a CANCEL before the answer ends the INVITE with 487', async () => {
    await start({ onCall: (call) => void call.leg.ring() });
    const caller = await dial();
    const inviting = caller.invite();
    await caller.untilProvisional(180);
    const [cancelled, invited] = await Promise.all([caller.cancel(), inviting]);
    expect([cancelled.status, invited.status]).toEqual([200, 487]);
    const call = await app.untilCall();
    await app.untilEvent(call, 'caller.cancelled');
    await expect(call.leg.answer({ address: app.sip.udp, sessionId: 1 })).rejects.toMatchObject({
      code: 'transactionGone',
    });
  });

  it('C9: a CANCEL after the answer gets 481 and the call goes on', async () => {
    await start();
    const caller = await dial();
    await caller.invite();
    expect((await caller.cancel()).status).toBe(481);
    expect((await caller.request('OPTIONS')).status).toBe(200);
    expect((await caller.bye())[0]?.status).toBe(200);
  });

  it('C9: a lost ACK is made up for by the repeated 200', async () => {
    await start();
    const caller = await dial();
    await caller.invite({ autoAck: false });
    const call = await app.untilCall();
    expect(call.events).toEqual([]);
    caller.acknowledge();
    await app.untilEvent(call, 'dialog.acknowledged');
  });

  it('settles a late offer with the answer in the ACK', async () => {
    await start();
    const caller = await dial();
    const answer = await caller.invite({ sdp: null });
    expect(answer.body).toContain('RTP/AVP 0 8 101');
    const call = await app.untilCall();
    expect(call.invite.remoteSdp).toBeNull();
    expect(call.answered?.media).toBeNull();
    expect(await app.untilEvent(call, 'dialog.acknowledged')).toMatchObject({
      media: { codec: 'PCMU', remote: { host: '127.0.0.1', port: caller.audio.port } },
    });
  });

  it('C11: holds and resumes by re-INVITE', async () => {
    await start();
    const caller = await dial();
    await caller.invite();
    const hold = await caller.request('INVITE', { type: 'application/sdp', text: caller.offer('sendonly') });
    expect([hold.status, hold.body.includes('a=recvonly')]).toEqual([200, true]);
    const resume = await caller.request('INVITE', { type: 'application/sdp', text: caller.offer() });
    expect([resume.status, resume.body.includes('a=sendrecv')]).toEqual([200, true]);
    const call = await app.untilCall();
    await app.until(() => call.events.filter(({ type }) => type === 'dialog.renegotiated').length === 2);
    expect(call.events.map((event) => event.type === 'dialog.renegotiated' && event.dialog.onHold)).toEqual([
      false,
      true,
      false,
    ]);
    expect((await caller.bye())[0]?.status).toBe(200);
  });

  it('C12: refuses what Allow does not list', async () => {
    await start();
    const caller = await dial();
    await caller.invite();
    const refused = await caller.request('MESSAGE', { type: 'text/plain', text: 'hello' });
    expect([refused.status, headerOf(refused, 'allow')]).toEqual([
      405,
      'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY',
    ]);
  });

  it.each<[string, string, number]>([
    ['unknown codecs only', 'm=audio 5004 RTP/AVP 18\r\n', 488],
    ['an unreadable m-line', 'm=audio x RTP/AVP 0\r\n', 488],
  ])('refuses an offer with %s', async (_, line, status) => {
    await start();
    const caller = await dial();
    const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${line}`;
    expect((await caller.invite({ sdp })).status).toBe(status);
    expect(app.calls).toEqual([]);
  });

  it('names the unsupported extension in its 420', async () => {
    await start();
    const caller = await dial();
    const refused = await caller.invite({ headers: [['Require', '100rel']] });
    expect([refused.status, headerOf(refused, 'unsupported')]).toEqual([420, '100rel']);
  });

  it('hangs up and is answered', async () => {
    await start();
    const caller = await dial();
    await caller.invite();
    const call = await app.untilCall();
    await app.untilEvent(call, 'dialog.acknowledged');
    await expect(call.leg.hangUp({ reason: 'done' })).resolves.toBe(200);
    await caller.untilHungUpByPeer();
    await expect(call.leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
  });

  it('C20: answers 503 while draining, and takes calls again', async () => {
    await start();
    app.signalling.accepting = false;
    const refused = await (await dial()).invite();
    expect([refused.status, headerOf(refused, 'retry-after')]).toEqual([503, '5']);
    app.signalling.accepting = true;
    expect((await (await dial()).invite()).status).toBe(200);
  });
});
