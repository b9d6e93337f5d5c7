import { afterEach, describe, expect, it } from 'vitest';
import type { SignallingOptions } from '#sip/sip-signalling.ts';
import {
  DIALOG_ID,
  OFFER,
  SDP,
  createSignallingRig,
  inDialog,
  inviteHeaders,
  statusOf,
} from '../fakes/signalling-rig.ts';
import type { SignallingRig } from '../fakes/signalling-rig.ts';

let rig: SignallingRig;
const start = async (overrides: Partial<SignallingOptions> = {}) => {
  rig = await createSignallingRig(overrides);
  await rig.signalling.connect();
};
afterEach(() => rig.close());

describe('in the dialog', () => {
  it('S5: answers every BYE and tells of the first alone', async () => {
    await start();
    const leg = await rig.answered();
    rig.server.deliver(inDialog('BYE', { Reason: 'Q.850;cause=16;text="normal"' }));
    rig.server.deliver({ ...inDialog('BYE'), transactionId: 'tx-BYE-2' });
    expect(statusOf(await rig.responseTo('tx-BYE-2'))).toBe(200);
    const answer = await rig.responseTo('tx-BYE');
    expect(answer.headers).toMatchObject({
      from: '"Alice, A." <sip:+359888000001@127.0.0.1>;tag=f1',
      'call-id': 'c1',
      cseq: '2 BYE',
    });
    expect(rig.events).toEqual([{ type: 'caller.hungUp', reason: 'normal' }]);
    leg[Symbol.dispose]();
    rig.server.deliver({ ...inDialog('BYE'), transactionId: 'tx-BYE-3' });
    expect(statusOf(await rig.responseTo('tx-BYE-3'))).toBe(481);
  });

  it('C1: gives a BYE to the call of its dialog alone', async () => {
    await start();
    await rig.answered();
    rig.server.deliver({ ...inDialog('BYE', { 'Call-ID': 'other' }), dialogId: 'other;from-tag=f1' });
    expect(statusOf(await rig.responseTo('tx-BYE'))).toBe(481);
    expect(rig.events).toEqual([]);
  });

  it('C11: puts the call on hold and takes it back, with an answer and a version of its own each time', async () => {
    await start();
    await rig.answered();
    rig.server.deliver({
      ...inDialog('INVITE', SDP, OFFER.replace('t=0 0', 't=0 0\r\na=sendonly')),
      transactionId: 'hold',
    });
    const hold = await rig.responseTo('hold');
    expect(hold.body).toContain('o=- 7 2 IN IP4 127.0.0.1');
    expect(hold.body).toContain('a=recvonly');
    rig.server.deliver({ ...inDialog('INVITE', SDP, OFFER), transactionId: 'resume' });
    const resume = await rig.responseTo('resume');
    expect(resume.body).toContain('o=- 7 3 IN IP4 127.0.0.1');
    expect(resume.body).toContain('a=sendrecv');
    rig.server.deliver({ ...inDialog('UPDATE', SDP, OFFER), transactionId: 'again' });
    expect((await rig.responseTo('again')).body).toBe(resume.body);
    await rig.until(() => rig.events.length === 3);
    expect(
      rig.events.map((event) => event.type === 'dialog.renegotiated' && [event.media.direction, event.dialog.onHold]),
    ).toEqual([
      ['recvonly', true],
      ['sendrecv', false],
      ['sendrecv', false],
    ]);
  });

  it('C11: refuses an offer without a known codec and leaves the session as it was', async () => {
    await start();
    await rig.answered();
    rig.server.deliver({ ...inDialog('INVITE', SDP, OFFER.replace('RTP/AVP 0', 'RTP/AVP 18')), transactionId: 're' });
    expect(statusOf(await rig.responseTo('re'))).toBe(488);
    expect(rig.events).toEqual([]);
  });

  it('offers in the 200 to a re-INVITE without SDP, and refuses another offer until the ACK with 491', async () => {
    await start();
    await rig.answered();
    rig.server.deliver(inDialog('ACK'));
    rig.server.deliver({ ...inDialog('INVITE'), transactionId: 're' });
    expect((await rig.responseTo('re')).body).toContain('m=audio 40000 RTP/AVP 0 8 101');
    rig.server.deliver({ ...inDialog('UPDATE', SDP, OFFER), transactionId: 'glare' });
    expect(statusOf(await rig.responseTo('glare'))).toBe(491);
    rig.server.deliver(inDialog('ACK', SDP, OFFER.replace('5004', '5008')));
    await rig.until(() => rig.events.length === 2);
    expect(rig.events[1]).toMatchObject({ type: 'dialog.renegotiated', media: { remote: { port: 5008 } } });
  });

  it.each<[string, string, { digit: string; durationMs: number } | null, number]>([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=250\r\n', { digit: '5', durationMs: 250 }, 200],
    ['application/dtmf-relay', 'Signal= 11', { digit: '#', durationMs: 160 }, 200],
    ['application/dtmf', '*', { digit: '*', durationMs: 160 }, 200],
    ['application/dtmf', 'x', null, 400],
    ['text/plain', 'hello', null, 415],
  ])('reads the digit of an INFO with %s (%j)', async (type, body, pressed, status) => {
    await start();
    await rig.answered();
    rig.server.deliver(inDialog('INFO', { 'Content-Type': type }, body));
    expect(statusOf(await rig.responseTo('tx-INFO'))).toBe(status);
    expect(rig.events).toEqual(pressed ? [{ type: 'dialog.digitPressed', ...pressed }] : []);
  });

  it.each([
    ['OPTIONS', 200],
    ['MESSAGE', 405],
    ['REFER', 405],
    ['PRACK', 405],
    ['FETCH', 501],
  ])('C12: answers %s with %i and an Allow of what is handled', async (method, status) => {
    await start();
    await rig.answered();
    rig.server.deliver(inDialog(method));
    const response = await rig.responseTo(`tx-${method}`);
    expect([statusOf(response), response.headers['allow']]).toEqual([
      status,
      'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY',
    ]);
  });

  it('answers a NOTIFY that nobody has asked for with 481', async () => {
    await start();
    await rig.answered();
    rig.server.deliver(inDialog('NOTIFY', { Event: 'refer' }));
    expect(statusOf(await rig.responseTo('tx-NOTIFY'))).toBe(481);
  });

  it('ends the dialog with BYE and gives the status of its answer', async () => {
    await start();
    const leg = await rig.answered();
    rig.server.onSent((command) => {
      if (!command.startLine.startsWith('BYE')) return;
      const headers = inviteHeaders({ CSeq: '1 BYE' });
      rig.server.deliver({
        startLine: 'SIP/2.0 200 OK',
        headers,
        transactionId: command.transactionId,
        dialogId: DIALOG_ID,
      });
    });
    await expect(leg.hangUp({ reason: 'agent "said" goodbye' })).resolves.toBe(200);
    const bye = await rig.server.untilCommand((command) => command.startLine.startsWith('BYE'));
    expect([bye.dialogId, bye.headers['reason']]).toEqual([DIALOG_ID, 'SIP;cause=200;text="agent  said  goodbye"']);
  });

  it('rejects a BYE in a dialog that is gone', async () => {
    await start();
    const leg = await rig.answered();
    rig.server.reply = () => 'NOK|Server error: unable to find dialog for dialog id provided';
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
  });
});

describe('out of dialog', () => {
  it.each([
    ['OPTIONS', 200],
    ['REGISTER', 405],
    ['MESSAGE', 405],
    ['SUBSCRIBE', 405],
    ['INFO', 481],
    ['FETCH', 501],
  ])('C12: answers %s with %i', async (method, status) => {
    await start();
    rig.server.deliver({
      startLine: `${method} sip:127.0.0.1 SIP/2.0`,
      headers: inviteHeaders({ CSeq: `1 ${method}` }),
      transactionId: 'tx',
    });
    expect(statusOf(await rig.responseTo('tx'))).toBe(status);
  });
});
