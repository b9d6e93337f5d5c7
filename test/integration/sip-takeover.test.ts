import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingInvite, SignallingEvent } from '#domain/signalling.ts';
import { createTakeoverRig, LOCAL_MEDIA, typesOf, type TakeoverRig } from '../fakes/takeover-rig.ts';
import { createCaller, reply, SDP } from '../fakes/sip-server-rig.ts';

describe('a call whose application was killed', () => {
  let rig: TakeoverRig;

  beforeEach(async () => {
    rig = await createTakeoverRig();
  });
  afterEach(async () => {
    await rig.close();
    expect(rig.rig.faults).toEqual([]);
  });

  const killed = async (options: { ack?: boolean; late?: boolean } = {}) => {
    const lost = await rig.connectApp();
    const call = await rig.establish(lost, options);
    await lost.kill();
    await rig.untilNobody();
    return call;
  };

  it('C17: goes on in another one: hold, digits, and the hang-up of the caller', async () => {
    const { abandoned, ok } = await killed();
    const heir = await rig.connectApp();
    const { events } = rig.restore(heir, abandoned);
    await expect.poll(() => events).toEqual([{ type: 'dialog.restored' }]);

    const { caller, peer } = rig;
    caller.invite({ cseq: 2, toTag: ok.toTag, body: `${SDP}a=sendonly\r\n` });
    await peer.take('SIP/2.0 100');
    const answer = await peer.take('SIP/2.0 200');
    expect(answer.body).toContain('a=recvonly');
    expect(answer.body).toContain('m=audio 40000 ');
    expect([/o=(.*) IN/.exec(ok.body)?.[1], /o=(.*) IN/.exec(answer.body)?.[1]]).toEqual(['- 7 1', '- 7 2']);
    caller.ack(answer, 2);
    caller.send({
      method: 'INFO',
      cseq: 3,
      toTag: ok.toTag,
      headers: ['Content-Type: application/dtmf-relay'],
      body: 'Signal=5\r\nDuration=100\r\n',
    });
    await peer.take('SIP/2.0 200');
    caller.send({ method: 'BYE', cseq: 4, toTag: ok.toTag });
    await peer.take('SIP/2.0 200');
    await expect
      .poll(() => typesOf(events))
      .toEqual(['dialog.restored', 'dialog.renegotiated', 'dialog.digitPressed', 'caller.hungUp']);
    expect(events[1]).toMatchObject({ media: { direction: 'recvonly' }, dialog: { id: abandoned.dialog?.id } });
  });

  it('C17: offers its new address from another one, and learns where to send from the answer', async () => {
    const { abandoned } = await killed();
    const heir = await rig.connectApp();
    const { leg, events } = rig.restore(heir, abandoned);
    const moving = leg.moveMedia?.({ host: '127.0.0.2', port: 40_100 });
    const { peer } = rig;
    const offer = await peer.take('INVITE');
    expect(offer.body).toContain('c=IN IP4 127.0.0.2');
    expect(offer.body).toContain('m=audio 40100 ');
    expect(/o=(.*) IN/.exec(offer.body)?.[1]).toBe('- 7 2');
    const answer = SDP.replace('4000', '4200');
    const headers = ['Content-Type: application/sdp'];
    peer.send(reply(offer, '200 OK', { peer, headers, body: answer }));
    await peer.take('ACK');
    await moving;
    expect(events).toMatchObject([
      { type: 'dialog.restored' },
      { type: 'dialog.renegotiated', media: { remote: { port: 4200 } }, dialog: { local: { sdp: offer.body } } },
    ]);
  });

  it('C17: stays where it was when the peer refuses the new address', async () => {
    const { abandoned } = await killed();
    const heir = await rig.connectApp();
    const { leg } = rig.restore(heir, abandoned);
    const moving = leg.moveMedia?.({ host: '127.0.0.2', port: 40_100 });
    const offer = await rig.peer.take('INVITE');
    rig.peer.send(reply(offer, '488 Not Acceptable Here', { peer: rig.peer }));
    await expect(moving).rejects.toMatchObject({ code: 'rejected' });
  });

  it('C17: before it is left, new calls go to the other application; with none there, they are told when to try again', async () => {
    const leaving = await rig.connectApp();
    const staying = await rig.connectApp();
    await leaving.signalling.stopAccepting();
    for (let count = 1; count <= 3; count += 1) {
      createCaller(rig.peer).invite();
      await expect.poll(() => staying.invites.length).toBe(count);
    }
    expect(leaving.invites).toEqual([]);
    await staying.signalling.stopAccepting();
    createCaller(rig.peer).invite();
    const refusal = await rig.peer.take('SIP/2.0 503');
    expect(Number(refusal.header('Retry-After'))).toBeGreaterThan(0);
  });

  it('C17: is not touched by a process that does not know whether it is still its own', async () => {
    const { abandoned, ok } = await killed();
    const state = { isOurs: true };
    const heir = await rig.connectApp({ maySend: () => state.isOurs });
    const { leg, events } = rig.restore(heir, abandoned);
    await expect.poll(() => events).toEqual([{ type: 'dialog.restored' }]);
    state.isOurs = false;
    const { peer, caller } = rig;
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'suspended' });
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    state.isOurs = true;
    const hangingUp = leg.hangUp();
    peer.send(reply(await peer.take('BYE'), '200 OK', { peer }));
    expect(await hangingUp).toBe(200);
  });

  it('C17: is hung up from another one', async () => {
    const { abandoned } = await killed();
    const heir = await rig.connectApp();
    const { leg } = rig.restore(heir, abandoned);
    const hangingUp = leg.hangUp({ reason: 'enough' });
    const bye = await rig.peer.take('BYE');
    expect(bye.header('Reason')).toContain('enough');
    rig.peer.send(reply(bye, '200 OK', { peer: rig.peer }));
    expect(await hangingUp).toBe(200);
    expect(rig.rig.server.counts().dialogs).toBe(0);
  });

  it('C17: was over when another one came: the hang-up is told with its time', async () => {
    const { abandoned, ok } = await killed();
    const at = rig.rig.clock.now();
    rig.caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await rig.peer.take('SIP/2.0 200');
    rig.rig.clock.advance(60_000);
    const heir = await rig.connectApp();
    const { leg, events } = rig.restore(heir, abandoned);
    await expect.poll(() => events).toEqual([{ type: 'caller.hungUp', reason: null, at }]);
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
  });

  it('C17: is told as gone when the SIP server has never heard of it', async () => {
    const { abandoned } = await killed();
    const heir = await rig.connectApp();
    const other = { ...abandoned, dialog: abandoned.dialog && { ...abandoned.dialog, id: 'other;from-tag=x' } };
    const { events } = rig.restore(heir, other);
    await expect.poll(() => events).toEqual([{ type: 'dialog.gone', reason: 'unknown dialog' }]);
  });

  it('C17: gets the ACK that came meanwhile, with the answer of a late offer in it', async () => {
    const { abandoned, ok } = await killed({ ack: false, late: true });
    const { caller, peer } = rig;
    caller.send({
      method: 'ACK',
      cseq: 1,
      toTag: ok.toTag,
      headers: ['Content-Type: application/sdp'],
      body: SDP.replace('4000', '4100'),
    });
    await peer.settle();
    const heir = await rig.connectApp();
    const { events } = rig.restore(heir, abandoned);
    await expect
      .poll(() => events)
      .toMatchObject([{ type: 'dialog.acknowledged', media: { codec: 'PCMU', remote: { port: 4100 } } }]);
  });

  it('C17: an answer whose ACK never came is told when the SIP server gives up', async () => {
    const { abandoned } = await killed({ ack: false });
    const heir = await rig.connectApp();
    const { events } = rig.restore(heir, abandoned);
    await expect.poll(() => typesOf(events)).toEqual(['dialog.restored']);
    rig.rig.clock.advance(33_000);
    await expect.poll(() => typesOf(events)).toEqual(['dialog.restored', 'dialog.ackTimedOut']);
  });

  it('C17: is restored when the SIP server comes into reach after the restore began', async () => {
    const { abandoned } = await killed();
    const heir = await rig.openApp();
    const { events } = rig.restore(heir, abandoned);
    expect(events).toEqual([]);
    await heir.signalling.connect();
    await expect.poll(() => events).toEqual([{ type: 'dialog.restored' }]);
  });

  it('C17: is not touched by its former application any more', async () => {
    const former = await rig.connectApp();
    const { leg, events, abandoned, ok } = await rig.establish(former);
    const heir = await rig.connectApp();
    const restored = rig.restore(heir, abandoned);
    await expect.poll(() => typesOf(restored.events)).toEqual(['dialog.restored']);
    await former.way.cut();
    await former.way.restore();
    await expect.poll(() => events.at(-1)).toEqual({ type: 'dialog.gone', reason: 'fenced' });
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
    await rig.peer.settle();
    expect(rig.peer.waiting()).toEqual([]);
    rig.caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await rig.peer.take('SIP/2.0 200');
    await expect.poll(() => typesOf(restored.events)).toEqual(['dialog.restored', 'caller.hungUp']);
  });

  it('C15: when it had not been answered, its INVITE is refused by another one', async () => {
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    const { leg } = rig.attach(lost, invite);
    await leg.ring();
    await rig.peer.take('SIP/2.0 180');
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const restored = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    await restored.leg.refuse(503, { retryAfterSeconds: 5 });
    const refused = await rig.peer.take('SIP/2.0 503');
    expect([refused.header('Retry-After'), refused.toTag]).toEqual(['5', invite.localTag]);
    expect(restored.events).toEqual([]);
    expect(heir.signalling.liveLegs).toBe(1);
    restored.leg[Symbol.dispose]();
    expect(heir.signalling.liveLegs).toBe(0);
  });

  it('C15: a refusal is carried out also when the leg is let go before the SIP server answers', async () => {
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.openApp();
    const { leg } = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    const refusing = leg.refuse(503);
    leg[Symbol.dispose]();
    await heir.signalling.connect();
    await refusing;
    await rig.peer.take('SIP/2.0 503');
    expect(heir.signalling.liveLegs).toBe(0);
  });

  it('C17: when it had not been answered, it can be answered by another one, or cancelled by the caller', async () => {
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const { leg, events } = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    const { dialog } = await leg.answer(LOCAL_MEDIA);
    const ok = await rig.peer.take('SIP/2.0 200');
    expect(ok.toTag).toBe(dialog.sip.localTag);
    rig.caller.ack(ok);
    await expect.poll(() => typesOf(events)).toEqual(['dialog.acknowledged']);
  });

  it('C9: a CANCEL that came while nobody was there is told, and one that comes later', async () => {
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const first = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    await first.leg.ring();
    await rig.peer.take('SIP/2.0 180');
    await heir.kill();
    await heir.way.restore();
    await expect.poll(() => heir.signalling.isConnected).toBe(true);
    rig.caller.send({ method: 'CANCEL', cseq: 1, branch: 'z9hG4bKinvite' });
    await rig.peer.take('SIP/2.0 487');
    await expect.poll(() => typesOf(first.events)).toEqual(['caller.cancelled']);
    const second = rig.restore(heir, { invite, dialog: null, epoch: 3 });
    await expect(second.leg.refuse(503)).rejects.toMatchObject({ code: 'transactionGone' });
  });

  it('C17: whose answer was sent but not kept is rebuilt from what the SIP server knows', async () => {
    const { abandoned, media } = await killed();
    const heir = await rig.connectApp();
    const { events, leg } = rig.restore(heir, { ...abandoned, dialog: null });
    await expect.poll(() => typesOf(events)).toEqual(['dialog.renegotiated', 'dialog.restored']);
    expect(events[0]).toMatchObject({
      media,
      dialog: { sip: abandoned.dialog?.sip, local: { sdp: abandoned.dialog?.local.sdp } },
    });
    const refusing = leg.refuse(503);
    rig.peer.send(reply(await rig.peer.take('BYE'), '200 OK', { peer: rig.peer }));
    await refusing;
  });

  it('C15: that it was placing is cancelled by another one', async () => {
    const lost = await rig.connectApp();
    const { peer } = rig;
    lost.signalling.place(outgoing(peer.address), LOCAL_MEDIA, () => undefined);
    const invited = await peer.take('INVITE');
    peer.send(reply(invited, '180 Ringing', { peer }));
    await peer.settle();
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const invite = { ...invite0, sipCallId: 'out', localTag: 'us', remoteTag: '' };
    const { leg, events } = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    await leg.cancel();
    peer.send(reply(await peer.take('CANCEL'), '200 OK', { peer }));
    peer.send(reply(invited, '487 Request Terminated', { peer }));
    await expect.poll(() => events).toEqual([{ type: 'callee.refused', status: 487, reason: 'Request Terminated' }]);
    await peer.take('ACK');
  });

  it('C15: that was answered while nobody was there is acknowledged and hung up by another one', async () => {
    const lost = await rig.connectApp();
    const { peer } = rig;
    lost.signalling.place(outgoing(peer.address), LOCAL_MEDIA, () => undefined);
    const invited = await peer.take('INVITE');
    peer.send(reply(invited, '180 Ringing', { peer }));
    await peer.settle();
    await lost.kill();
    await rig.untilNobody();
    peer.send(reply(invited, '200 OK', { peer, headers: ['Content-Type: application/sdp'], body: SDP }));
    await peer.settle();
    const heir = await rig.connectApp();
    const invite = { ...invite0, sipCallId: 'out', localTag: 'us', remoteTag: '' };
    const { leg, events } = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    const cancelling = leg.cancel();
    await peer.take('ACK');
    peer.send(reply(await peer.take('BYE'), '200 OK', { peer }));
    await cancelling;
    await expect.poll(() => typesOf(events)).toEqual(['dialog.restored', 'callee.refused']);
    expect(rig.rig.server.counts().dialogs).toBe(0);
  });

  it('C15: that rings is not lost with a short loss of the connection', async () => {
    const app = await rig.connectApp();
    const { peer } = rig;
    const events: SignallingEvent[] = [];
    app.signalling.place(outgoing(peer.address), LOCAL_MEDIA, (event) => events.push(event));
    const invited = await peer.take('INVITE');
    peer.send(reply(invited, '180 Ringing', { peer }));
    await expect.poll(() => typesOf(events)).toEqual(['callee.ringing']);
    await app.way.cut();
    await rig.untilNobody();
    await app.way.restore();
    await expect.poll(() => app.signalling.isConnected).toBe(true);
    peer.send(reply(invited, '200 OK', { peer, headers: ['Content-Type: application/sdp'], body: SDP }));
    await peer.take('ACK');
    await expect.poll(() => typesOf(events)).toEqual(['callee.ringing', 'callee.answered']);
  });

  it('C17: calls of an application that loses its connection for a moment stay its own', async () => {
    const app = await rig.connectApp();
    const { events, ok } = await rig.establish(app);
    await app.way.cut();
    await rig.untilNobody();
    rig.caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    await rig.peer.settle();
    await app.way.restore();
    expect((await rig.peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 INFO');
    await app.way.cut();
    await rig.untilNobody();
    rig.caller.send({ method: 'BYE', cseq: 3, toTag: ok.toTag });
    await rig.peer.take('SIP/2.0 200');
    await app.way.restore();
    await expect.poll(() => typesOf(events)).toEqual(['dialog.acknowledged', 'caller.hungUp']);
  });

  it('C15: calls of an application end when the SIP server comes back without them', async () => {
    const app = await rig.connectApp();
    const { events } = await rig.establish(app);
    await rig.restartServer();
    await expect.poll(() => events.slice(1)).toEqual([{ type: 'dialog.gone', reason: 'unknown dialog' }]);
  });

  it('takes new calls while it claims those of a lost one', async () => {
    const { abandoned } = await killed();
    const heir = await rig.connectApp();
    rig.restore(heir, abandoned);
    createCaller(rig.peer).invite();
    await expect.poll(() => heir.invites.length).toBe(1);
  });
});

const outgoing = (address: string): OutgoingInvite => ({
  targetUri: `sip:callee@${address}`,
  callerUri: 'sip:us@localhost',
  sipCallId: 'out',
  localTag: 'us',
  proxyUri: null,
  auth: null,
});

const invite0 = {
  transactionId: '',
  callerNumber: null,
  calledNumber: null,
  source: { host: '127.0.0.1', port: 5060, protocol: 'udp' },
  remoteSdp: null,
};
