import { afterEach, describe, expect, it } from 'vitest';
import type { SignallingOptions } from '#sip/sip-signalling.ts';
import {
  LOCAL,
  DIALOG_ID,
  OFFER,
  SDP,
  createSignallingRig,
  inDialog,
  invite,
  statusOf,
} from '../fakes/signalling-rig.ts';
import type { SignallingRig } from '../fakes/signalling-rig.ts';

let rig: SignallingRig;
const start = async (overrides: Partial<SignallingOptions> = {}) => {
  rig = await createSignallingRig(overrides);
  await rig.signalling.connect();
};
afterEach(() => rig.close());

describe('admitting an INVITE', () => {
  it('reports who calls whom, and refuses nothing that can be answered', async () => {
    await start();
    expect(await rig.receive()).toEqual({
      transactionId: 'tx1',
      sipCallId: 'c1',
      remoteTag: 'f1',
      localTag: expect.stringMatching(/^[0-9a-f]{16}$/),
      callerNumber: '+359888000001',
      calledNumber: '+359888000002',
      source: { host: '127.0.0.1', port: 5066, protocol: 'udp' },
      remoteSdp: OFFER,
    });
  });

  it('takes the asserted identity before From, and no number from a name', async () => {
    await start();
    const received = await rig.receive(
      invite({ 'P-Asserted-Identity': '<tel:+359888777777>', From: '<sip:anonymous@anonymous.invalid>;tag=f1' }),
    );
    expect(received.callerNumber).toBe('+359888777777');
  });

  it('reports an INVITE without SDP as a late offer', async () => {
    await start();
    expect((await rig.receive(invite({}, ''))).remoteSdp).toBeNull();
  });

  it.each<[string, ReturnType<typeof invite>, number, Record<string, string>]>([
    ['an unsupported Require', invite({ Require: '100rel, foo' }), 420, { unsupported: '100rel, foo' }],
    ['unknown codecs only', invite(SDP, OFFER.replace('RTP/AVP 0', 'RTP/AVP 18')), 488, {}],
    ['IPv6 media only', invite(SDP, OFFER.replace('c=IN IP4 127.0.0.1', 'c=IN IP6 ::1')), 488, {}],
    ['a body that is no SDP', invite({ 'Content-Type': 'text/plain' }, 'hello'), 415, {}],
    ['no Contact', invite({ Contact: '' }), 400, {}],
    ['no From tag', invite({ From: '<sip:a@b>' }), 400, {}],
    ['the To tag of an unknown dialog', invite({ To: '<sip:a@b>;tag=gone' }), 481, {}],
  ])('refuses %s', async (_, message, status, headers) => {
    await start();
    rig.server.deliver(message);
    const response = await rig.responseTo('tx1');
    expect(statusOf(response)).toBe(status);
    expect(response.headers).toMatchObject(headers);
    expect(rig.invites).toEqual([]);
  });

  it('C20: refuses a source outside of the allowed ranges with 403 and counts it', async () => {
    await start();
    rig.server.deliver({ ...invite(), from: { host: '203.0.113.9', port: 5060 } });
    expect(statusOf(await rig.responseTo('tx1'))).toBe(403);
    expect(rig.signalling.refusals.sourceNotAllowed).toBe(1);
  });

  it('C20: refuses what a source sends above its rate with 503 and Retry-After', async () => {
    await start({ rateLimit: { perSecond: 0.001, burst: 1 } });
    rig.server.deliver(invite());
    rig.server.deliver({ ...invite({ 'Call-ID': 'c2' }), transactionId: 'tx2' });
    const response = await rig.responseTo('tx2');
    expect(statusOf(response)).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(rig.invites.length).toBe(1);
  });

  it('refuses new INVITEs while it does not accept', async () => {
    const refused: string[] = [];
    await start({ onInviteRefused: (reason) => refused.push(reason) });
    rig.signalling.accepting = false;
    rig.server.deliver(invite());
    const response = await rig.responseTo('tx1');
    expect(statusOf(response)).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(refused).toEqual(['draining']);
  });

  it('C8: refuses the same INVITE over another path with 482', async () => {
    await start();
    rig.server.deliver(invite());
    rig.server.deliver({ ...invite(), transactionId: 'tx2' });
    expect(statusOf(await rig.responseTo('tx2'))).toBe(482);
    expect(rig.invites.length).toBe(1);
  });
});

describe('answering', () => {
  it('carries the chosen tag from the 180 on, and gives back the dialog', async () => {
    await start();
    const received = await rig.receive();
    const leg = rig.attach(received);
    await leg.ring();
    const result = await leg.answer(LOCAL);
    const [ringing, answer] = rig.server.commands;
    expect([ringing?.startLine, answer?.startLine]).toEqual(['SIP/2.0 180 Ringing', 'SIP/2.0 200 OK']);
    for (const sent of [ringing, answer]) {
      expect(sent?.headers['to']).toBe(`<sip:00359888000002@127.0.0.1>;tag=${received.localTag}`);
      expect(sent?.headers['allow']).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY');
    }
    expect(result).toEqual({
      media: {
        codec: 'PCMU',
        payloadType: 0,
        dtmfReceivePayloadType: null,
        dtmfSendPayloadType: null,
        remote: { host: '127.0.0.1', port: 5004 },
        direction: 'sendrecv',
        ptimeMs: 20,
      },
      dialog: {
        id: DIALOG_ID,
        type: 'uas',
        sip: { callId: 'c1', localTag: received.localTag, remoteTag: 'f1' },
        local: { uri: 'sip:127.0.0.1:5060', sdp: answer?.body, contact: '<sip:127.0.0.1:5060>' },
        remote: { uri: 'sip:alice@127.0.0.1:5066', sdp: OFFER },
        onHold: false,
      },
    });
  });

  it('tells of the ACK once, and only after the answer was given back', async () => {
    await start();
    const order: string[] = [];
    rig.server.onSent((command) => {
      if (!command.startLine.startsWith('SIP/2.0 200')) return;
      rig.server.deliver(inDialog('ACK'));
      rig.server.deliver(inDialog('ACK'));
    });
    const leg = rig.signalling.attach(await rig.receive(), (event) => {
      order.push(event.type);
      rig.hear(event);
    });
    await leg.answer(LOCAL);
    order.push('answered');
    rig.server.deliver(inDialog('BYE'));
    await rig.until(() => order.length === 3);
    expect(order).toEqual(['answered', 'dialog.acknowledged', 'caller.hungUp']);
  });

  it.each<[string, string, string | null]>([
    ['its answer', OFFER, 'PCMU'],
    ['no usable answer', OFFER.replace('RTP/AVP 0', 'RTP/AVP 18'), null],
  ])('reads from the ACK of a late offer %s', async (_, body, codec) => {
    await start();
    const leg = await rig.answered(invite({}, ''));
    expect((await rig.responseTo('tx1')).body).toContain('m=audio 40000 RTP/AVP 0 8 101');
    rig.server.deliver(inDialog('ACK', SDP, body));
    await rig.until(() => rig.events.length === 1);
    expect(rig.events).toEqual([
      { type: 'dialog.acknowledged', media: codec === null ? null : expect.objectContaining({ codec }) },
    ]);
    leg[Symbol.dispose]();
  });

  it('takes a late offer whose ACK has no SDP for unanswered', async () => {
    await start();
    await rig.answered(invite({}, ''));
    rig.server.deliver(inDialog('ACK'));
    await rig.until(() => rig.events.length === 1);
    expect(rig.events).toEqual([{ type: 'dialog.acknowledged', media: null }]);
  });

  it('C9: tells of a CANCEL that came before anybody attached, and rejects the late answer', async () => {
    await start();
    const received = await rig.receive();
    rig.server.deliver({ ...invite(), startLine: 'CANCEL sip:x SIP/2.0' });
    rig.server.reply = () => 'NOK|Response not sent due to unknown transaction';
    const leg = rig.attach(received);
    await rig.until(() => rig.events.length === 1);
    expect(rig.events).toEqual([{ type: 'caller.cancelled' }]);
    await expect(leg.answer(LOCAL)).rejects.toMatchObject({ name: 'SignallingError', code: 'transactionGone' });
  });

  it('C9: takes an answer for a transaction that is gone for a CANCEL that crossed it, told before the rejection', async () => {
    await start();
    const order: string[] = [];
    const leg = rig.signalling.attach(await rig.receive(), ({ type }) => order.push(type));
    rig.server.reply = () => 'NOK|Response not sent due to unknown transaction';
    await leg.answer(LOCAL).catch(() => order.push('rejected'));
    await leg.refuse(500).catch(() => order.push('rejected'));
    expect(order).toEqual(['caller.cancelled', 'rejected', 'rejected']);
  });

  it('ends an early dialog by the BYE of the caller', async () => {
    await start();
    const leg = rig.attach(await rig.receive());
    await leg.ring();
    rig.server.deliver(inDialog('BYE'));
    expect(statusOf(await rig.responseTo('tx-BYE'))).toBe(200);
    await rig.server.untilCommand((command) => command.startLine.startsWith('SIP/2.0 487'));
    expect(rig.events).toEqual([{ type: 'caller.hungUp', reason: null }]);
  });

  it('sends no BYE while the call is not answered', async () => {
    await start();
    const leg = rig.attach(await rig.receive());
    await leg.ring();
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
    expect(rig.server.commands.map(({ startLine }) => startLine)).toEqual(['SIP/2.0 180 Ringing']);
  });

  it('refuses with the status and Retry-After asked for', async () => {
    await start();
    await rig.attach(await rig.receive()).refuse(503, { retryAfterSeconds: 7 });
    const response = await rig.responseTo('tx1');
    expect([statusOf(response), response.headers['retry-after']]).toEqual([503, '7']);
  });

  it('C9: tells of a missing ACK', async () => {
    await start();
    await rig.answered();
    rig.server.deliver({
      ...inDialog('BYE', { Reason: 'SIP;cause=200;text="ACK timeout"' }),
      source: 'application',
      transactionId: 'unsolicited',
    });
    await rig.until(() => rig.events.length === 1);
    expect(rig.events).toEqual([{ type: 'dialog.ackTimedOut' }]);
  });
});
