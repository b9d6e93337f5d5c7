import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaller, SDP, startSipServer, type SipServerRig } from '../fakes/sip-server-rig.ts';
import { openUdpPeer, type PeerMessage, type SipPeer } from '../fakes/sip-peer.ts';
import { answerCalls, leave, type AppRequest, type AppResponse, type SrfApp } from '../fakes/srf-app.ts';

describe('requests that come into a call', () => {
  let rig: SipServerRig;
  let app: SrfApp;
  let peer: SipPeer;
  let caller: ReturnType<typeof createCaller>;

  beforeEach(async () => {
    rig = await startSipServer();
    app = await rig.connectApp();
    peer = await openUdpPeer(rig.udpPort);
    caller = createCaller(peer);
  });

  afterEach(async () => {
    expect(rig.faults).toEqual([]);
    await peer.close();
    await rig.close();
  });

  const establish = async (): Promise<PeerMessage> => {
    caller.invite();
    const ok = await peer.take('SIP/2.0 200');
    caller.ack(ok);
    await peer.take('SIP/2.0 100');
    return ok;
  };

  /** An application that keeps its requests for the test to answer. */
  const collect = (): { invites: { req: AppRequest; res: AppResponse }[]; cancelled: string[] } => {
    const seen = { invites: [] as { req: AppRequest; res: AppResponse }[], cancelled: [] as string[] };
    app.use('invite', (req, res) => {
      seen.invites.push({ req, res });
      req.on('cancel', () => seen.cancelled.push(req.stackTxnId));
    });
    return seen;
  };

  it('CANCEL before an answer: 200 to it, 487 to the INVITE, and the application hears of it', async () => {
    const seen = collect();
    caller.invite({ branch: 'z9hG4bKinvite' });
    await expect.poll(() => seen.invites.length).toBe(1);
    seen.invites[0]?.res.send(180);
    const ringing = await peer.take('SIP/2.0 180');
    caller.send({ method: 'CANCEL', cseq: 1, branch: 'z9hG4bKinvite' });
    const first = await peer.take('SIP/2.0 200');
    expect([first.header('CSeq'), first.toTag]).toEqual(['1 CANCEL', ringing.toTag]);
    const terminated = await peer.take('SIP/2.0 487');
    expect(terminated.toTag).toBe(ringing.toTag);
    await expect.poll(() => seen.cancelled).toEqual([seen.invites[0]?.req.stackTxnId]);
    rig.clock.advance(500);
    expect((await peer.take('SIP/2.0 487')).text).toBe(terminated.text);
    caller.send({ method: 'ACK', cseq: 1, branch: 'z9hG4bKinvite', toTag: terminated.toTag });
    await peer.settle();
    rig.clock.advance(40_000);
    await peer.settle();
    expect(peer.waiting().map(({ start }) => start)).toEqual(['SIP/2.0 100 Trying']);
    expect(rig.server.counts().dialogs).toBe(0);
    const late = await new Promise((resolve) => seen.invites[0]?.res.send(200, { body: SDP }, resolve));
    expect(late).toBe('Response not sent due to unknown transaction');
  });

  it('C9: CANCEL after the 200 is refused and the call goes on', async () => {
    const seen = answerCalls(app, SDP);
    caller.invite({ branch: 'z9hG4bKinvite' });
    const ok = await peer.take('SIP/2.0 200');
    caller.send({ method: 'CANCEL', cseq: 1, branch: 'z9hG4bKinvite' });
    await peer.take('SIP/2.0 481');
    caller.ack(ok);
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    await peer.take('SIP/2.0 200');
    expect(seen.ended).toEqual([]);
    expect(rig.server.counts().dialogs).toBe(1);
  });

  it('refuses requests for a dialog nobody knows', async () => {
    for (const method of ['INVITE', 'BYE', 'INFO', 'OPTIONS', 'UPDATE', 'NOTIFY', 'REFER']) {
      caller.send({ method, cseq: 5, toTag: 'unknown' });
      expect((await peer.take('SIP/2.0 481')).header('CSeq')).toBe(`5 ${method}`);
    }
    for (const method of ['BYE', 'UPDATE', 'PRACK', 'CANCEL']) {
      caller.send({ method, cseq: 6 });
      expect((await peer.take('SIP/2.0 481')).header('CSeq')).toBe(`6 ${method}`);
    }
  });

  it('C12: refuses what may not begin anything, naming what may', async () => {
    caller.send({ method: 'REFER', cseq: 1 });
    expect((await peer.take('SIP/2.0 405')).header('Allow')).toContain('INVITE');
    caller.send({ method: 'FETCH', cseq: 1 });
    await peer.take('SIP/2.0 501');
  });

  it('C8: a re-INVITE changes the call it belongs to, and its answer waits for an ACK as well', async () => {
    const seen = answerCalls(app, SDP);
    const ok = await establish();
    await expect.poll(() => seen.acks.length).toBe(1);
    const offers: string[] = [];
    seen.dialogs[0]?.on('modify', (req: AppRequest, res: AppResponse) => {
      offers.push(req.body);
      res.send(200, { body: SDP });
    });
    const offer = SDP.replace('4000', '4002');
    caller.invite({ cseq: 2, toTag: ok.toTag, body: offer });
    await peer.take('SIP/2.0 100');
    const answer = await peer.take('SIP/2.0 200');
    expect(offers).toEqual([offer]);
    expect(answer.header('Contact')).toBe(`<sip:127.0.0.1:${rig.udpPort}>`);
    rig.clock.advance(500);
    await peer.take('SIP/2.0 200');
    caller.ack(answer, 2);
    await peer.settle();
    rig.clock.advance(40_000);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    expect(rig.server.counts().dialogs).toBe(1);
  });

  it('C9: two INVITEs at once are told apart: 500 for the second of the peer, 491 for one against ours', async () => {
    const seen = answerCalls(app, SDP);
    const ok = await establish();
    seen.dialogs[0]?.on('modify', () => undefined);
    caller.invite({ cseq: 2, toTag: ok.toTag });
    await peer.settle();
    caller.invite({ cseq: 3, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 500')).header('Retry-After')).toMatch(/^\d+$/);

    const other = createCaller(peer);
    other.invite();
    const otherOk = await peer.take('SIP/2.0 200');
    other.ack(otherOk);
    await expect.poll(() => seen.dialogs.length).toBe(2);
    const modified = seen.dialogs[1]?.modify(SDP);
    const ours = await peer.take('INVITE');
    other.invite({ cseq: 2, toTag: otherOk.toTag });
    await peer.take('SIP/2.0 491');
    peer.send(ours.text.replace(/^INVITE .*/, 'SIP/2.0 200 OK').replace('Contact:', 'X-Theirs:'));
    await modified;
    await peer.take('ACK');
  });

  it('refuses a lower CSeq and treats an equal request once', async () => {
    const seen = answerCalls(app, SDP);
    const ok = await establish();
    await expect.poll(() => seen.acks.length).toBe(1);
    let infos = 0;
    seen.dialogs[0]?.on('info', (_req: AppRequest, res: AppResponse) => {
      infos += 1;
      res.send(200);
    });
    const info = caller.request({ method: 'INFO', cseq: 7, toTag: ok.toTag });
    peer.send(info);
    await peer.take('SIP/2.0 200');
    peer.send(info);
    await peer.take('SIP/2.0 200');
    caller.send({ method: 'INFO', cseq: 6, toTag: ok.toTag });
    await peer.take('SIP/2.0 500');
    expect(infos).toBe(1);
  });

  it('BYE before the ACK ends the call and the repetition of its 200', async () => {
    const seen = answerCalls(app, SDP);
    caller.invite();
    const ok = await peer.take('SIP/2.0 200');
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 BYE');
    rig.clock.advance(40_000);
    await peer.settle();
    expect(peer.waiting().map(({ start }) => start)).toEqual(['SIP/2.0 100 Trying']);
    expect(seen.ended).toEqual(['normal release']);
  });

  it('BYE in an early dialog ends the INVITE with 487', async () => {
    const seen = collect();
    app.use('bye', (_req, res) => res.send(200));
    caller.invite();
    await expect.poll(() => seen.invites.length).toBe(1);
    seen.invites[0]?.res.send(183, { body: SDP });
    const progress = await peer.take('SIP/2.0 183');
    caller.send({ method: 'BYE', cseq: 2, toTag: progress.toTag });
    await peer.take('SIP/2.0 487');
    await peer.take('SIP/2.0 200');
  });

  it('gives an INVITE that nobody answers a 480 after 64 seconds', async () => {
    collect();
    caller.invite();
    await peer.take('SIP/2.0 100');
    rig.clock.advance(64_000);
    expect((await peer.take('SIP/2.0 480')).toTag).not.toBe('');
  });

  it('S5: answers BYE for an application that is gone; the dialog of the others stays', async () => {
    answerCalls(app, SDP);
    const ok = await establish();
    await leave(app);
    await expect
      .poll(async () => {
        createCaller(peer).send({ method: 'OPTIONS', cseq: 1 });
        return (await peer.take('SIP/2.0')).start;
      })
      .toBe('SIP/2.0 503 Service Unavailable');
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    await peer.settle();
    rig.clock.advance(5000);
    expect((await peer.take('SIP/2.0 500')).header('CSeq')).toBe('2 INFO');
    expect(rig.server.counts().dialogs).toBe(1);
    caller.send({ method: 'BYE', cseq: 3, toTag: ok.toTag });
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('3 BYE');
    expect(rig.server.counts().dialogs).toBe(0);
  });

  it('answers a BYE whose application goes before answering it', async () => {
    const seen = collect();
    caller.invite();
    await expect.poll(() => seen.invites.length).toBe(1);
    seen.invites[0]?.res.send(200, { body: SDP, headers: { Contact: 'sip:us@localhost' } });
    const ok = await peer.take('SIP/2.0 200');
    expect(ok.header('Contact')).toBe(`<sip:us@127.0.0.1:${rig.udpPort}>`);
    caller.ack(ok);
    const told = new Promise((resolve) => app.use('bye', resolve));
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    await told;
    await leave(app);
    await peer.take('SIP/2.0 200');
  });

  it('follows the connection that used the dialog last', async () => {
    const seen = answerCalls(app, SDP);
    const ok = await establish();
    await expect.poll(() => seen.dialogs.length).toBe(1);
    const dialogId = seen.dialogs[0]?.id ?? '';
    const other = await rig.connectApp();
    const told: string[] = [];
    other.use('info', (req, res) => {
      told.push(req.stackDialogId);
      res.send(200);
    });
    const sent = await other.request('sip:placeholder', { method: 'OPTIONS', stackDialogId: dialogId });
    const options = await peer.take('OPTIONS');
    expect(options.start).toBe(`OPTIONS sip:caller@${peer.address};transport=udp SIP/2.0`);
    const answered = new Promise((resolve) => sent.on('response', resolve));
    peer.send(options.text.replace(/^OPTIONS .*/, 'SIP/2.0 200 OK'));
    await answered;
    caller.send({ method: 'INFO', cseq: 2, toTag: ok.toTag });
    await peer.take('SIP/2.0 200');
    expect(told).toEqual([dialogId]);
  });

  it('sends to where a caller behind NAT was heard, whatever its Contact says', async () => {
    const seen = answerCalls(app, SDP);
    const invite = caller.request({ method: 'INVITE', cseq: 1, body: SDP });
    peer.send(invite.replace(/^Contact: .*$/m, 'Contact: <sip:caller@192.0.2.1:5060>').replace('\r\r\n', '\r\n'));
    const ok = await peer.take('SIP/2.0 200');
    caller.ack(ok);
    await expect.poll(() => seen.dialogs.length).toBe(1);
    const ended = seen.dialogs[0]?.destroy();
    const bye = await peer.take('BYE');
    expect(bye.start).toBe('BYE sip:caller@192.0.2.1:5060 SIP/2.0');
    peer.send(bye.text.replace(/^BYE .*/, 'SIP/2.0 200 OK'));
    await ended;
  });

  it('keeps the route set of proxies that stay in the dialog', async () => {
    const seen = answerCalls(app, SDP);
    const routes = [`Record-Route: <sip:${peer.address};lr>, <sip:192.0.2.2;lr>`, 'Record-Route: <sip:192.0.2.3;lr>'];
    caller.invite({ headers: routes });
    const ok = await peer.take('SIP/2.0 200');
    expect(ok.text.match(/^Record-Route: .*/gm)?.map((line) => line.trim())).toEqual(routes);
    caller.ack(ok);
    await expect.poll(() => seen.dialogs.length).toBe(1);
    const ended = seen.dialogs[0]?.destroy();
    const bye = await peer.take('BYE');
    expect(bye.text.match(/^Route: .*/gm)?.map((line) => line.trim())).toEqual([
      `Route: <sip:${peer.address};lr>`,
      'Route: <sip:192.0.2.2;lr>',
      'Route: <sip:192.0.2.3;lr>',
    ]);
    peer.send(bye.text.replace(/^BYE .*/, 'SIP/2.0 200 OK'));
    await ended;
  });
});
