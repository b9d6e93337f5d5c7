import { afterEach, describe, expect, it } from 'vitest';
import type { SignallingOptions } from '#sip/sip-signalling.ts';
import { LOCAL, DIALOG_ID, OFFER, SDP, createSignallingRig } from '../fakes/signalling-rig.ts';
import type { SignallingRig } from '../fakes/signalling-rig.ts';

let rig: SignallingRig;
const start = async (overrides: Partial<SignallingOptions> = {}) => {
  rig = await createSignallingRig(overrides);
  await rig.signalling.connect();
};
afterEach(() => rig.close());

describe('placing a call', () => {
  const outgoing = {
    targetUri: 'sip:+359888000002@127.0.0.1:5070',
    callerUri: 'sip:+359888000001@127.0.0.1',
    sipCallId: 'out-1',
    localTag: 'l1',
    proxyUri: null,
    auth: null,
  };
  const place = () => rig.signalling.place(outgoing, LOCAL, rig.hear);
  const respond = async (status: string, overrides: Record<string, string> = {}, body = '') => {
    const transactionId = await transaction;
    const headers = {
      From: '<sip:x>;tag=l1',
      To: '<sip:y>;tag=r1',
      'Call-ID': 'out-1',
      CSeq: '1 INVITE',
      ...overrides,
    };
    const message = { startLine: `SIP/2.0 ${status}`, headers, body, transactionId };
    rig.server.deliver({ ...message, dialogId: 'out-1;from-tag=l1' });
  };
  let transaction: Promise<string>;
  const startAndPlace = async () => {
    await start();
    transaction = new Promise((resolve) => {
      rig.server.onSent((command) => {
        if (command.startLine.startsWith('INVITE')) resolve(command.transactionId);
      });
    });
    return place();
  };

  it('hears ringing, early media and the answer, and acknowledges it', async () => {
    await startAndPlace();
    await respond('180 Ringing');
    await respond('183 Session Progress', SDP, OFFER);
    await respond('200 OK', { ...SDP, Contact: '<sip:bob@127.0.0.1:5070>' }, OFFER);
    await rig.until(() => rig.events.length === 3);
    await rig.server.untilCommand((command) => command.startLine.startsWith('ACK'));
    expect(rig.events).toEqual([
      { type: 'callee.ringing', earlyMedia: null },
      { type: 'callee.ringing', earlyMedia: expect.objectContaining({ codec: 'PCMU' }) },
      {
        type: 'callee.answered',
        media: expect.objectContaining({ remote: { host: '127.0.0.1', port: 5004 } }),
        dialog: {
          id: 'out-1;from-tag=l1',
          type: 'uac',
          sip: { callId: 'out-1', localTag: 'l1', remoteTag: 'r1' },
          local: {
            uri: 'sip:127.0.0.1:5060',
            sdp: expect.stringContaining('m=audio 40000'),
            contact: '<sip:127.0.0.1:5060>',
          },
          remote: { uri: 'sip:bob@127.0.0.1:5070', sdp: OFFER },
          onHold: false,
        },
      },
    ]);
  });

  it('hears a refusal once', async () => {
    await startAndPlace();
    await respond('486 Busy Here');
    await rig.until(() => rig.events.length === 1);
    expect(rig.events).toEqual([{ type: 'callee.refused', status: 486, reason: 'Busy Here' }]);
  });

  it('cancels', async () => {
    const leg = await startAndPlace();
    const transactionId = await transaction;
    await leg.cancel();
    const cancel = await rig.server.untilCommand((command) => command.startLine.startsWith('CANCEL'));
    expect(cancel.transactionId).toBe(transactionId);
    await respond('487 Request Terminated');
    await rig.until(() => rig.events.length === 1);
    await expect(leg.cancel()).rejects.toMatchObject({ code: 'transactionGone' });
  });

  it('takes a lost control connection for a refusal of a call that is not answered', async () => {
    await startAndPlace();
    await transaction;
    rig.server.dropConnections();
    await rig.until(() => rig.events.length === 1);
    expect(rig.events).toEqual([
      { type: 'callee.refused', status: 503, reason: expect.stringContaining('lost'), isUnknown: true },
    ]);
  });
});

describe('the control connection', () => {
  it('refuses to start with a wrong secret', async () => {
    rig = await createSignallingRig({ secret: 'wrong' });
    await expect(rig.signalling.connect()).rejects.toMatchObject({ code: 'unauthorised' });
  });

  it('rejects what was under way when it is lost, comes back, and answers what came before', async () => {
    await start();
    const received = await rig.receive();
    const leg = rig.attach(received);
    rig.server.reply = () => 'silence';
    const ringing = leg.ring();
    await rig.responseTo('tx1');
    rig.server.dropConnections();
    await expect(ringing).rejects.toMatchObject({ code: 'unreachable' });
    rig.server.reply = null;
    await rig.until(() => rig.signalling.isConnected);
    await expect(leg.answer(LOCAL)).resolves.toMatchObject({ dialog: { id: DIALOG_ID } });
    expect(rig.server.connections).toBe(2);
  });

  it('rejects everything while there is none', async () => {
    await start();
    const leg = await rig.answered();
    await rig.signalling.close();
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'unreachable' });
  });
});
