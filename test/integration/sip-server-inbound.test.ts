import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaller, SDP, startSipServer, type SipServerRig } from '../fakes/sip-server-rig.ts';
import { answerCalls, type SrfApp } from '../fakes/srf-app.ts';
import { openTcpPeer, openUdpPeer, type SipPeer } from '../fakes/sip-peer.ts';

describe('an inbound call over UDP', () => {
  let rig: SipServerRig;
  let app: SrfApp;
  let peer: SipPeer;

  beforeEach(async () => {
    rig = await startSipServer();
    app = await rig.connectApp();
    peer = await openUdpPeer(rig.udpPort);
  });

  afterEach(async () => {
    expect(rig.faults).toEqual([]);
    await peer.close();
    await rig.close();
  });

  it('is answered, acknowledged and hung up by the caller', async () => {
    const seen = answerCalls(app, SDP);
    const caller = createCaller(peer);
    caller.invite();
    const trying = await peer.take('SIP/2.0 100');
    expect(trying.toTag).toBe('');
    const ok = await peer.take('SIP/2.0 200');
    expect(ok.header('Contact')).toBe(`<sip:127.0.0.1:${rig.udpPort}>`);
    expect(ok.header('Via')).toMatch(new RegExp(`;rport=${peer.port}$`));
    expect(ok.body).toBe(SDP);
    caller.ack(ok);
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    const goodbye = await peer.take('SIP/2.0 200');
    expect(goodbye.header('CSeq')).toBe('2 BYE');
    expect(goodbye.header('Call-ID')).toBe(caller.callId);
    expect(seen.ended).toEqual(['normal release']);
    expect(seen.dialogs[0]?.id).toBe(`${caller.callId};from-tag=${caller.fromTag}`);
    expect(rig.server.counts().dialogs).toBe(0);
  });

  it('C8: is one call however often its INVITE comes', async () => {
    const seen = answerCalls(app, SDP);
    const caller = createCaller(peer);
    const invite = caller.request({ method: 'INVITE', cseq: 1, branch: 'z9hG4bKsame', body: SDP });
    peer.send(invite);
    peer.send(invite);
    const ok = await peer.take('SIP/2.0 200');
    peer.send(invite);
    caller.ack(ok);
    await peer.settle();
    expect(seen.invites.length).toBe(1);
  });

  it('S5: answers a repeated BYE the same, and 481 once the transaction is over', async () => {
    const seen = answerCalls(app, SDP);
    const caller = createCaller(peer);
    caller.invite();
    const ok = await peer.take('SIP/2.0 200');
    caller.ack(ok);
    const bye = caller.request({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    peer.send(bye);
    const first = await peer.take('SIP/2.0 200');
    peer.send(bye);
    const second = await peer.take('SIP/2.0 200');
    expect(second.text).toBe(first.text);
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) expect(first.header(name)).not.toBe('');
    rig.clock.advance(33_000);
    peer.send(bye);
    expect((await peer.take('SIP/2.0 481')).header('CSeq')).toBe('2 BYE');
    expect(seen.ended).toEqual(['normal release']);
  });

  it('S5: takes a BYE from another address if its tags are right, and refuses wrong tags', async () => {
    const seen = answerCalls(app, SDP);
    const caller = createCaller(peer);
    caller.invite();
    const ok = await peer.take('SIP/2.0 200');
    caller.ack(ok);
    caller.send({ method: 'BYE', cseq: 2, toTag: 'other' });
    await peer.take('SIP/2.0 481');
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag, fromTag: 'other' });
    await peer.take('SIP/2.0 481');
    expect(seen.ended).toEqual([]);
    const elsewhere = await openUdpPeer(rig.udpPort);
    elsewhere.send(caller.request({ method: 'BYE', cseq: 2, toTag: ok.toTag }));
    await elsewhere.take('SIP/2.0 200');
    expect(seen.ended).toEqual(['normal release']);
    await elsewhere.close();
  });

  it('C1: leaves the other call of the same gateway alone', async () => {
    const seen = answerCalls(app, SDP);
    const [a, b] = [createCaller(peer), createCaller(peer)];
    a.invite();
    const okA = await peer.take('SIP/2.0 200');
    a.ack(okA);
    b.invite();
    const okB = await peer.take('SIP/2.0 200');
    b.ack(okB);
    b.send({ method: 'BYE', cseq: 2, toTag: okB.toTag });
    await peer.take('SIP/2.0 200');
    expect(seen.ended).toEqual(['normal release']);
    expect(rig.server.counts().dialogs).toBe(1);
    b.send({ method: 'BYE', cseq: 3, toTag: okA.toTag });
    await peer.take('SIP/2.0 481');
    a.send({ method: 'BYE', cseq: 2, toTag: okA.toTag });
    await peer.take('SIP/2.0 200');
  });

  it('C9: repeats the 200 until the ACK, then no more', async () => {
    answerCalls(app, SDP);
    const caller = createCaller(peer);
    caller.invite();
    const ok = await peer.take('SIP/2.0 200');
    for (const ms of [500, 1000, 2000, 4000, 4000]) {
      rig.clock.advance(ms);
      expect((await peer.take('SIP/2.0 200')).text).toBe(ok.text);
    }
    caller.ack(ok);
    await peer.settle();
    rig.clock.advance(60_000);
    await peer.settle();
    expect(peer.waiting().filter(({ start }) => !start.startsWith('SIP/2.0 100'))).toEqual([]);
  });

  it('C9: hangs up after 32 seconds without ACK and tells the application', async () => {
    const seen = answerCalls(app, SDP);
    const caller = createCaller(peer);
    caller.invite();
    await peer.take('SIP/2.0 200');
    rig.clock.advance(32_000);
    const bye = await peer.take('BYE');
    expect(bye.header('Reason')).toBe('SIP;cause=200;text="ACK timeout"');
    peer.send(bye.text.replace(/^BYE .*/, 'SIP/2.0 200 OK'));
    await expect.poll(() => seen.ended).toEqual(['ACK timeout']);
    expect(rig.server.counts().dialogs).toBe(0);
  });

  it('delivers OPTIONS outside a dialog', async () => {
    app.use('options', (_req, res) => res.send(200, { headers: { Allow: 'INVITE, ACK, BYE' } }));
    await peer.settle();
    createCaller(peer).send({ method: 'OPTIONS', cseq: 1 });
    expect((await peer.take('SIP/2.0 200')).header('Allow')).toBe('INVITE, ACK, BYE');
  });
});

describe('an inbound call over TCP', () => {
  it('is answered, renegotiated and hung up by us on the same connection', async () => {
    const rig = await startSipServer();
    const app = await rig.connectApp();
    const seen = answerCalls(app, SDP);
    const peer = await openTcpPeer(rig.tcpPort);
    const caller = createCaller(peer);
    caller.invite();
    const ok = await peer.take('SIP/2.0 200');
    expect(ok.header('Contact')).toBe(`<sip:127.0.0.1:${rig.tcpPort};transport=tcp>`);
    caller.ack(ok);
    caller.invite({ cseq: 2, toTag: ok.toTag });
    const again = await peer.take('SIP/2.0 200');
    expect(again.header('CSeq')).toBe('2 INVITE');
    caller.ack(again, 2);
    const dialog = seen.dialogs[0];
    const ended = dialog?.destroy();
    const bye = await peer.take('BYE');
    expect(bye.header('To')).toContain(`;tag=${caller.fromTag}`);
    expect(bye.header('From')).toContain(`;tag=${ok.toTag}`);
    peer.send(bye.text.replace(/^BYE .*/, 'SIP/2.0 200 OK'));
    await ended;
    rig.clock.advance(60_000);
    await peer.settle();
    expect(rig.server.counts()).toEqual({ serverTransactions: 0, clientTransactions: 0, dialogs: 0 });
    expect(rig.faults).toEqual([]);
    await peer.close();
    await rig.close();
  });
});
