import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fields, openRawApp, type RawApp } from '../fakes/raw-app.ts';
import { openUdpPeer, type PeerMessage, type SipPeer } from '../fakes/sip-peer.ts';
import { createCaller, reply, SDP, SECRET, startSipServer, type SipServerRig } from '../fakes/sip-server-rig.ts';

let ids = 0;

/** One application by hand: knows its own frames, and answers nothing by itself. */
const logIn = async (rig: SipServerRig) => {
  const app = await openRawApp(rig.controlPort);
  const send = (command: string, text = ''): string => {
    ids += 1;
    app.say(`m${ids}|${command}${text === '' ? '' : `\r\n${text}`}`);
    return `m${ids}`;
  };
  /** The next frame that is told of, other than answers to commands. */
  const hear = async (start: string): Promise<{ txnId: string; dialogId: string; text: string }> => {
    for (;;) {
      const payload = await app.next();
      const text = payload.slice(payload.indexOf('\r\n') + 2);
      const [name, , , , , , , txnId = '', dialogId = ''] = fields(payload);
      if (name === 'sip' && text.startsWith(start)) return { txnId, dialogId, text };
    }
  };
  const ask = async (command: string, text = ''): Promise<string[]> => {
    const id = send(command, text);
    for (;;) {
      const payload = await app.next();
      const [name, about, ...answer] = fields(payload);
      if (name === 'response' && about === id) return answer;
    }
  };
  await ask(`authenticate|${SECRET}|`);
  return { ...app, send, hear, ask };
};

type App = RawApp & Awaited<ReturnType<typeof logIn>>;

describe('while the application of a call is absent', () => {
  let rig: SipServerRig;
  let peer: SipPeer;
  let caller: ReturnType<typeof createCaller>;
  let apps: App[];

  const connect = async (): Promise<App> => {
    const app = await logIn(rig);
    apps.push(app);
    return app;
  };
  const kill = async (app: App): Promise<void> => {
    app.socket.resetAndDestroy();
    await app.closed;
    // The server has noticed once it has nobody to give a call to.
    await expect
      .poll(async () => {
        createCaller(peer).send({ method: 'OPTIONS', cseq: 1 });
        await peer.settle();
        return peer.waiting().some(({ start }) => start.startsWith('SIP/2.0 503'));
      })
      .toBe(true);
    await peer.take('SIP/2.0 503');
  };
  const dialogId = () => `${caller.callId};from-tag=${caller.fromTag}`;

  /** The call, answered; its ACK is sent unless `ack` is false. */
  const establish = async (app: App, ack = true): Promise<PeerMessage> => {
    await app.ask('route|invite');
    await app.ask('route|options');
    caller.invite();
    const { txnId } = await app.hear('INVITE');
    await app.ask(`sip|${txnId}|`, `SIP/2.0 200 OK\r\nContent-Type: application/sdp\r\n\r\n${SDP}`);
    const ok = await peer.take('SIP/2.0 200');
    await peer.take('SIP/2.0 100');
    if (!ack) return ok;
    caller.ack(ok);
    await app.hear('ACK');
    return ok;
  };

  beforeEach(async () => {
    rig = await startSipServer();
    peer = await openUdpPeer(rig.udpPort);
    caller = createCaller(peer);
    apps = [];
  });

  afterEach(async () => {
    expect(rig.faults).toEqual([]);
    for (const { socket } of apps) socket.destroy();
    await peer.close();
    await rig.close();
  });

  it('C17: answers BYE at once, and tells whoever claims the call when it came', async () => {
    const lost = await connect();
    const ok = await establish(lost);
    await kill(lost);
    const at = new Date(rig.clock.now()).toISOString();
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 BYE');
    rig.clock.advance(60_000);
    const heir = await connect();
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['OK', 'ended', at, 'normal-release']);
    expect(rig.server.counts().dialogs).toBe(0);
    rig.clock.advance(240_000);
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['NO', 'unknown dialog']);
  });

  it('C17: tells the end of a call again when the application that had answered the BYE has died since', async () => {
    const lost = await connect();
    const ok = await establish(lost);
    const at = new Date(rig.clock.now()).toISOString();
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    const { txnId } = await lost.hear('BYE');
    await lost.ask(`sip|${txnId}|`, 'SIP/2.0 200 OK\r\n\r\n');
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 BYE');
    await kill(lost);
    rig.clock.advance(10_000);
    const heir = await connect();
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['OK', 'ended', at, 'normal-release']);
  });

  it('C17: keeps requests for five seconds, and gives them in order to whoever claims the call', async () => {
    const lost = await connect();
    const ok = await establish(lost, false);
    await kill(lost);
    caller.ack(ok);
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    caller.invite({ cseq: 3, toTag: ok.toTag });
    await peer.take('SIP/2.0 100');
    await peer.settle();
    rig.clock.advance(3000);
    const heir = await connect();
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['OK', 'alive', 'acknowledging']);
    await heir.hear('ACK');
    const info = await heir.hear('INFO');
    const invite = await heir.hear('INVITE');
    expect(info.dialogId).toBe(dialogId());
    await heir.ask(`sip|${info.txnId}|`, 'SIP/2.0 200 OK\r\n\r\n');
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 INFO');
    await heir.ask(`sip|${invite.txnId}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('3 INVITE');
    caller.send({ method: 'BYE', cseq: 4, toTag: ok.toTag });
    const bye = await heir.hear('BYE');
    await heir.ask(`sip|${bye.txnId}|`, 'SIP/2.0 200 OK\r\n\r\n');
    await peer.take('SIP/2.0 200');
  });

  it('C17: refuses a request nobody came for with 500 and Retry-After, after a 100', async () => {
    const lost = await connect();
    const ok = await establish(lost);
    await kill(lost);
    caller.send({ method: 'OPTIONS', cseq: 2, toTag: ok.toTag });
    caller.invite({ cseq: 3, toTag: ok.toTag });
    await peer.take('SIP/2.0 100');
    await peer.settle();
    rig.clock.advance(3499);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    rig.clock.advance(1);
    expect((await peer.take('SIP/2.0 100')).header('CSeq')).toBe('2 OPTIONS');
    rig.clock.advance(1500);
    const refused = [await peer.take('SIP/2.0 500'), await peer.take('SIP/2.0 500')];
    expect(refused.map((response) => response.header('CSeq')).toSorted((a, b) => a.localeCompare(b))).toEqual([
      '2 OPTIONS',
      '3 INVITE',
    ]);
    expect(refused.map((response) => response.header('Retry-After'))).toEqual(['5', '5']);
    expect(rig.server.counts().dialogs).toBe(1);
    caller.invite({ cseq: 4, toTag: ok.toTag });
    await peer.take('SIP/2.0 100');
  });

  it('C17: stands in for an application that is connected but says nothing for a second', async () => {
    const frozen = await connect();
    const ok = await establish(frozen);
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    await frozen.hear('INFO');
    rig.clock.advance(1000);
    caller.send({ method: 'BYE', cseq: 3, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('3 BYE');
    const heir = await connect();
    expect((await heir.ask(`claim|${dialogId()}|2`)).slice(0, 2)).toEqual(['OK', 'ended']);
    const { txnId } = await frozen.hear('BYE');
    expect(await frozen.ask(`sip|${txnId}|`, 'SIP/2.0 200 OK\r\n\r\n')).toEqual([
      'NOK',
      'Response not sent due to unknown transaction',
    ]);
  });

  it('C17: waits for an application that works, however long it takes for one answer', async () => {
    const busy = await connect();
    const ok = await establish(busy);
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    const { txnId } = await busy.hear('INFO');
    rig.clock.advance(999);
    await busy.ask('ping');
    rig.clock.advance(20_000);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    await busy.ask(`sip|${txnId}|`, 'SIP/2.0 200 OK\r\n\r\n');
    await peer.take('SIP/2.0 200');
  });

  it('C17: answers a BYE that its application is slow to answer, before it would be repeated, and only once', async () => {
    const busy = await connect();
    const ok = await establish(busy);
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    const { txnId } = await busy.hear('BYE');
    rig.clock.advance(399);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    rig.clock.advance(1);
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 BYE');
    expect((await busy.ask(`sip|${txnId}|`, 'SIP/2.0 200 OK\r\n\r\n'))[0]).toBe('OK');
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    // Also of a BYE that was answered: its application may have died before it wrote that down.
    expect(await busy.ask(`claim|${dialogId()}|1`)).toEqual([
      ...['OK', 'ended', '2023-11-14T22:13:20.000Z', 'normal-release'],
    ]);
  });

  it('C17: refuses whoever has a lower epoch, and lets nobody but the claimer act', async () => {
    const former = await connect();
    const ok = await establish(former);
    const heir = await connect();
    expect(await heir.ask(`claim|${dialogId()}|3`)).toEqual(['OK', 'alive', 'acknowledged']);
    expect(await former.ask(`claim|${dialogId()}|2`)).toEqual(['NO', 'fenced']);
    const fenced = ['NOK', 'Server error: the dialog is claimed by another connection'];
    expect(await former.ask(`sip||${dialogId()}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n')).toEqual(fenced);
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    const { txnId } = await heir.hear('INFO');
    expect(await former.ask(`sip|${txnId}|`, 'SIP/2.0 200 OK\r\n\r\n')).toEqual(fenced);
    await heir.ask(`sip|${txnId}|`, 'SIP/2.0 202 Accepted\r\n\r\n');
    await peer.take('SIP/2.0 202');
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    const again = await connect();
    expect(await again.ask(`claim|${dialogId()}|3`)).toEqual(['OK', 'alive', 'acknowledged']);
    expect(await again.ask(`claim|${dialogId()}|x`)).toEqual(['NO', 'invalid epoch']);
  });

  it('C17: an unanswered INVITE is claimed with its transaction, and refused from there', async () => {
    const lost = await connect();
    await lost.ask('route|invite');
    await lost.ask('route|options');
    caller.invite();
    const { txnId } = await lost.hear('INVITE');
    await lost.ask(`sip|${txnId}|`, 'SIP/2.0 180 Ringing\r\n\r\n');
    await peer.take('SIP/2.0 180');
    await peer.take('SIP/2.0 100');
    await kill(lost);
    const heir = await connect();
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['OK', 'unanswered', txnId]);
    await heir.ask(`sip|${txnId}|`, 'SIP/2.0 503 Service Unavailable\r\n\r\n');
    await peer.take('SIP/2.0 503');
    expect(rig.server.counts().dialogs).toBe(0);
  });

  it('C17: an INVITE that got nothing but 100 from an application that is gone is refused after 5 s', async () => {
    const lost = await connect();
    await lost.ask('route|invite');
    caller.invite();
    await lost.hear('INVITE');
    await peer.take('SIP/2.0 100');
    await kill(lost);
    rig.clock.advance(4_999);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    rig.clock.advance(1);
    expect((await peer.take('SIP/2.0 503')).text).toContain('Retry-After: 5');
  });

  it('C17: a CANCEL is answered at once and remembered', async () => {
    const lost = await connect();
    await lost.ask('route|invite');
    await lost.ask('route|options');
    caller.invite({ branch: 'z9hG4bKinvite' });
    await lost.hear('INVITE');
    await peer.take('SIP/2.0 100');
    await kill(lost);
    caller.send({ method: 'CANCEL', cseq: 1, branch: 'z9hG4bKinvite' });
    await peer.take('SIP/2.0 200');
    await peer.take('SIP/2.0 487');
    const heir = await connect();
    const at = new Date(rig.clock.now()).toISOString();
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['OK', 'ended', at, 'cancelled']);
  });

  it('C17: a CANCEL that was given to an application that died with it unread is remembered', async () => {
    const lost = await connect();
    await lost.ask('route|invite');
    caller.invite({ branch: 'z9hG4bKinvite' });
    await lost.hear('INVITE');
    await peer.take('SIP/2.0 100');
    caller.send({ method: 'CANCEL', cseq: 1, branch: 'z9hG4bKinvite' });
    await peer.take('SIP/2.0 200');
    await peer.take('SIP/2.0 487');
    await kill(lost);
    const heir = await connect();
    const at = new Date(rig.clock.now()).toISOString();
    expect(await heir.ask(`claim|${dialogId()}|2`)).toEqual(['OK', 'ended', at, 'cancelled']);
  });

  it('C17: a peer nobody comes back for is hung up after five minutes', async () => {
    const lost = await connect();
    await establish(lost);
    await kill(lost);
    rig.clock.advance(299_999);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    rig.clock.advance(1);
    const bye = await peer.take('BYE');
    peer.send(reply(bye, '200 OK', { peer }));
    await peer.settle();
    expect(rig.server.counts().dialogs).toBe(0);
    const heir = await connect();
    expect((await heir.ask(`claim|${dialogId()}|2`)).toSpliced(2, 1)).toEqual(['OK', 'ended', 'application gone']);
  });

  it('C17: a callee who answers a lost application is hung up unless one comes for the call', async () => {
    const lost = await connect();
    await lost.ask('route|options');
    const invite = `INVITE sip:callee@${peer.address} SIP/2.0\r\nCall-ID: out\r\nFrom: <sip:us@localhost>;tag=us\r\n\r\n${SDP}`;
    await lost.ask('sip||', invite);
    const invited = await peer.take('INVITE');
    await kill(lost);
    peer.send(reply(invited, '180 Ringing', { peer }));
    peer.send(reply(invited, '200 OK', { peer }));
    await peer.settle();
    rig.clock.advance(5000);
    await peer.take('ACK');
    peer.send(reply(await peer.take('BYE'), '200 OK', { peer }));
    await peer.settle();
    expect(rig.server.counts().dialogs).toBe(0);
  });

  it('C17: a call being placed is claimed with its transaction, cancelled, and its answer told', async () => {
    const lost = await connect();
    await lost.ask('route|options');
    const invite = `INVITE sip:callee@${peer.address} SIP/2.0\r\nCall-ID: out\r\nFrom: <sip:us@localhost>;tag=us\r\n\r\n${SDP}`;
    await lost.ask('sip||', invite);
    const invited = await peer.take('INVITE');
    peer.send(reply(invited, '180 Ringing', { peer }));
    await lost.hear('SIP/2.0 180');
    await kill(lost);
    const heir = await connect();
    const [, state, txnId] = await heir.ask('claim|out;from-tag=us|2');
    expect(state).toBe('unanswered');
    await heir.ask(`sip|${txnId}|`, `CANCEL sip:callee@${peer.address} SIP/2.0\r\n\r\n`);
    peer.send(reply(await peer.take('CANCEL'), '200 OK', { peer }));
    peer.send(reply(invited, '487 Request Terminated', { peer }));
    expect((await heir.hear('SIP/2.0 487')).txnId).toBe(txnId);
    await peer.take('ACK');
  });

  it('gives new calls to an application that answers, when another is silent', async () => {
    const frozen = await connect();
    await frozen.ask('route|invite');
    caller.invite();
    await frozen.hear('INVITE');
    rig.clock.advance(1000);
    const lively = await connect();
    await lively.ask('route|invite');
    for (const _ of [1, 2]) {
      createCaller(peer).invite();
      await lively.hear('INVITE');
    }
  });
});
