import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRawApp } from '../fakes/raw-app.ts';
import { reply, SDP, SECRET } from '../fakes/sip-server-rig.ts';
import { createTakeoverRig, typesOf, type TakeoverRig } from '../fakes/takeover-rig.ts';

const UNTIL_PROBED = { timeout: 5_000 };

describe('a call whose application was killed, on a SIP server like drachtio-server', () => {
  let rig: TakeoverRig;

  beforeEach(async () => {
    rig = await createTakeoverRig({ likeDrachtio: true });
  });
  afterEach(async () => {
    await rig.close();
    expect(rig.rig.faults).toEqual([]);
  });

  const killed = async () => {
    const lost = await rig.connectApp();
    const call = await rig.establish(lost);
    await lost.kill();
    await rig.untilNobody();
    return call;
  };

  it('C17: is found alive without a word on the wire, and can be hung up', async () => {
    const { abandoned } = await killed();
    const heir = await rig.connectApp();
    const { leg, events } = rig.restore(heir, abandoned);
    await expect.poll(() => events).toEqual([{ type: 'dialog.restored' }]);
    await rig.peer.settle();
    expect(rig.peer.waiting()).toEqual([]);
    const hangingUp = leg.hangUp();
    rig.peer.send(reply(await rig.peer.take('BYE'), '200 OK', { peer: rig.peer }));
    expect(await hangingUp).toBe(200);
    await rig.peer.settle();
    expect(typesOf(events)).toEqual(['dialog.restored']);
  });

  it('C17: the caller gets 481 to whatever it sends; its hang-up is told at once', async () => {
    const { abandoned, ok } = await killed();
    const heir = await rig.connectApp();
    const { events } = rig.restore(heir, abandoned);
    await expect.poll(() => typesOf(events)).toEqual(['dialog.restored']);
    const { caller, peer } = rig;
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 481')).header('CSeq')).toBe('2 INFO');
    caller.send({ method: 'BYE', cseq: 3, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 481')).header('CSeq')).toBe('3 BYE');
    await expect.poll(() => events.slice(1)).toEqual([{ type: 'caller.hungUp', reason: null }]);
    expect(rig.rig.server.counts().dialogs).toBe(0);
  });

  it('C17: a dialog that vanished is noticed by asking, when the news of it went to another application', async () => {
    const { abandoned, ok } = await killed();
    const other = await openRawApp(rig.rig.controlPort);
    other.say(`a|authenticate|${SECRET}|`);
    await other.next();
    other.say('b|route|cdr:stop');
    await other.next();
    const heir = await rig.connectApp();
    const { events } = rig.restore(heir, abandoned);
    await expect.poll(() => typesOf(events)).toEqual(['dialog.restored']);
    rig.caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await rig.peer.take('SIP/2.0 481');
    expect(await other.next()).toMatch(/\|cdr:stop\|network\|[\d:.]+\|normal-release\r\nBYE /);
    await expect.poll(() => typesOf(events), UNTIL_PROBED).toEqual(['dialog.restored', 'dialog.gone']);
    other.socket.destroy();
  });

  it('C17: was over when another one came: it is gone, and nobody knows since when', async () => {
    const { abandoned, ok } = await killed();
    rig.caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await rig.peer.take('SIP/2.0 481');
    const heir = await rig.connectApp();
    const { events } = rig.restore(heir, abandoned);
    await expect.poll(() => typesOf(events)).toEqual(['dialog.gone']);
  });

  it('C15: when it had not been answered, its INVITE is refused by another one', async () => {
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const { leg, events } = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    await leg.refuse(503);
    expect((await rig.peer.take('SIP/2.0 503')).toTag).toBe(invite.localTag);
    expect(events).toEqual([]);
  });

  it('C15: when it rang, its INVITE is refused by another one', async () => {
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    await rig.attach(lost, invite).leg.ring();
    await rig.peer.take('SIP/2.0 180');
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const { leg, events } = rig.restore(heir, { invite, dialog: null, epoch: 2 });
    await leg.refuse(503);
    expect((await rig.peer.take('SIP/2.0 503')).toTag).toBe(invite.localTag);
    expect(events).toEqual([]);
  });

  it('C17: calls of an application that loses its connection for a moment go on', async () => {
    const app = await rig.connectApp();
    const { leg, events, ok } = await rig.establish(app);
    await app.way.cut();
    await rig.untilNobody();
    await app.way.restore();
    await expect.poll(() => app.signalling.isConnected).toBe(true);
    rig.caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await rig.peer.take('SIP/2.0 481');
    await expect.poll(() => typesOf(events), UNTIL_PROBED).toHaveLength(2);
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
  });

  it('closes the connection on a claim, as on any command it does not know', async () => {
    const app = await openRawApp(rig.rig.controlPort);
    app.say(`a|authenticate|${SECRET}|`);
    expect(await app.next()).toContain('|v0.9.10-1-');
    app.say('b|claim|c;from-tag=f|2');
    expect(await app.next()).toContain('|response|b|NO|Unknown message type');
    await app.closed;
  });

  it("drops a frozen application's dialog with the BYE, and answers that with 500 after 32 seconds", async () => {
    const app = await openRawApp(rig.rig.controlPort);
    app.say(`a|authenticate|${SECRET}|`);
    await app.next();
    app.say('b|route|invite');
    await app.next();
    rig.caller.invite();
    const [, , , , , , , , txnId = ''] = (await app.next()).split('|').slice(0, 10);
    app.say(`c|sip|${txnId}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
    const ok = await rig.peer.take('SIP/2.0 200');
    rig.caller.ack(ok);
    rig.caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await rig.peer.settle();
    expect(rig.rig.server.counts().dialogs).toBe(0);
    rig.rig.clock.advance(31_999);
    await rig.peer.settle();
    expect(rig.peer.waiting().map(({ start }) => start)).toEqual(['SIP/2.0 100 Trying']);
    rig.rig.clock.advance(1);
    await rig.peer.take('SIP/2.0 500');
    app.socket.destroy();
  });
});
