import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaller, reply, SDP, startSipServer, type SipServerRig } from '../fakes/sip-server-rig.ts';
import { listenTcpPeer, openTcpPeer, openUdpPeer, type SipPeer } from '../fakes/sip-peer.ts';
import { type AppRequest, type AppResponse, type SrfApp } from '../fakes/srf-app.ts';

const sdpHeader = { headers: ['Content-Type: application/sdp'], body: SDP };

describe('an outbound call', () => {
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

  const callPeer = (progress?: object): Promise<unknown> =>
    app
      .createUAC(`sip:callee@${peer.address}`, { localSdp: SDP, callingNumber: '+3591' }, progress)
      .catch((error: unknown) => error);

  it('is placed, rung, answered, acknowledged, modified and ended by the callee', async () => {
    const provisional: number[] = [];
    const placed = app.createUAC(
      `sip:callee@${peer.address}`,
      { localSdp: SDP, callingNumber: '+3591' },
      { cbProvisional: (res: AppResponse) => provisional.push(res.status) },
    );
    const invite = await peer.take('INVITE');
    expect(invite.header('Via')).toMatch(new RegExp(`^SIP/2.0/UDP 127.0.0.1:${rig.udpPort};rport;branch=z9hG4bK`));
    expect(invite.header('From')).toMatch(new RegExp(`^<sip:\\+3591@127.0.0.1:${rig.udpPort}>;tag=`));
    peer.send(reply(invite, '100 Trying', { peer }));
    peer.send(reply(invite, '180 Ringing', { peer }));
    const ok = reply(invite, '200 OK', { peer, ...sdpHeader });
    peer.send(ok);
    const dialog = await placed;
    const ack = await peer.take('ACK');
    expect(ack.start).toBe(`ACK sip:callee@${peer.address} SIP/2.0`);
    expect(ack.header('CSeq')).toBe(invite.header('CSeq').replace('INVITE', 'ACK'));
    expect(provisional).toEqual([180]);

    peer.send(ok);
    expect((await peer.take('ACK')).text).toBe(ack.text);

    const modified = dialog.modify(SDP);
    const again = await peer.take('INVITE');
    expect(again.toTag).toBe('callee');
    peer.send(reply(again, '200 OK', { peer, ...sdpHeader }));
    await modified;
    expect((await peer.take('ACK')).header('CSeq')).toBe(again.header('CSeq').replace('INVITE', 'ACK'));

    const ended = new Promise((resolve) => dialog.on('destroy', resolve));
    const tag = /;tag=(\S+)/.exec(invite.header('From'))?.[1] ?? '';
    const bye = createCaller(peer).request({ method: 'BYE', cseq: 1, toTag: tag, fromTag: 'callee' });
    peer.send(bye.replace(/^Call-ID: .*$/m, `Call-ID: ${invite.header('Call-ID')}`));
    await peer.take('SIP/2.0 200');
    await ended;
    expect(rig.server.counts().dialogs).toBe(0);
  });

  it('C5: acknowledges every failure on the same branch and tells the application once', async () => {
    for (const status of ['403 Forbidden', '486 Busy Here', '503 Service Unavailable', '604 Nowhere']) {
      const placed = callPeer();
      const invite = await peer.take('INVITE');
      const refusal = reply(invite, status, { peer });
      peer.send(refusal);
      const ack = await peer.take('ACK');
      expect([ack.header('Via'), ack.toTag]).toEqual([invite.header('Via'), 'callee']);
      peer.send(refusal);
      expect((await peer.take('ACK')).text).toBe(ack.text);
      expect(await placed).toMatchObject({ status: Number(status.slice(0, 3)) });
    }
  });

  it('repeats the INVITE after 0.5, 1.5, 3.5 seconds and gives up with 408 after 32', async () => {
    const placed = callPeer();
    const invite = await peer.take('INVITE');
    for (const ms of [500, 1000, 2000]) {
      rig.clock.advance(ms);
      expect((await peer.take('INVITE')).text).toBe(invite.text);
    }
    rig.clock.advance(28_500);
    expect(await placed).toMatchObject({ status: 408 });
  });

  it('is 503 when a TCP peer cannot be reached', async () => {
    const gone = await listenTcpPeer();
    await gone.close();
    const placed = app.createUAC(`sip:callee@${gone.address};transport=tcp`, { localSdp: SDP }).catch((error) => error);
    expect(await placed).toMatchObject({ status: 503 });
  });

  it('is cancelled only once the peer has answered something', async () => {
    const requests: AppRequest[] = [];
    const placed = callPeer({ cbRequest: (_error: unknown, req: AppRequest) => requests.push(req) });
    const invite = await peer.take('INVITE');
    await expect.poll(() => requests.length).toBe(1);
    await new Promise((resolve) => requests[0]?.cancel(resolve));
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
    peer.send(reply(invite, '180 Ringing', { peer }));
    const cancel = await peer.take('CANCEL');
    expect(cancel.header('Via')).toBe(invite.header('Via'));
    expect(cancel.header('CSeq')).toBe(invite.header('CSeq').replace('INVITE', 'CANCEL'));
    peer.send(reply(cancel, '200 OK', { peer }));
    peer.send(reply(invite, '487 Request Terminated', { peer }));
    await peer.take('ACK');
    expect(await placed).toMatchObject({ status: 487 });
    const late = await new Promise((resolve) => requests[0]?.cancel(resolve));
    expect(String(late)).toContain('unable to cancel unknown transaction id');
  });

  it('C9: a 200 that crosses CANCEL is acknowledged and hung up, and the application told', async () => {
    const requests: AppRequest[] = [];
    const placed = app.createUAC(
      `sip:callee@${peer.address}`,
      { localSdp: SDP },
      { cbRequest: (_error: unknown, req: AppRequest) => requests.push(req) },
    );
    const invite = await peer.take('INVITE');
    peer.send(reply(invite, '180 Ringing', { peer }));
    await expect.poll(() => requests.length).toBe(1);
    await new Promise((resolve) => requests[0]?.cancel(resolve));
    await peer.take('CANCEL');
    peer.send(reply(invite, '200 OK', { peer, ...sdpHeader }));
    const dialog = await placed;
    const ended = new Promise((resolve) => dialog.on('destroy', (_bye: unknown, reason: string) => resolve(reason)));
    await peer.take('ACK');
    const bye = await peer.take('BYE');
    expect(bye.header('Reason')).toContain('cancel race');
    expect(await ended).toBe('ACK-BYE due to cancel race condition');
  });

  it('C9: hangs up on the second branch of a fork', async () => {
    const placed = app.createUAC(`sip:callee@${peer.address}`, { localSdp: SDP });
    const invite = await peer.take('INVITE');
    peer.send(reply(invite, '180 Ringing', { peer, tag: 'two' }));
    peer.send(reply(invite, '200 OK', { peer, tag: 'one', ...sdpHeader }));
    const dialog = await placed;
    expect((await peer.take('ACK')).toTag).toBe('one');
    peer.send(reply(invite, '200 OK', { peer, tag: 'two', ...sdpHeader }));
    expect((await peer.take('ACK')).toTag).toBe('two');
    expect((await peer.take('BYE')).toTag).toBe('two');
    expect(dialog.sip.remoteTag).toBe('one');
    expect(rig.server.counts().dialogs).toBe(1);
  });

  it('follows the route set in reverse and takes the next hop of an application', async () => {
    const placed = app.createUAC('sip:callee@192.0.2.9', { localSdp: SDP, proxy: `sip:${peer.address}` });
    const invite = await peer.take('INVITE sip:callee@192.0.2.9');
    expect(invite.header('Route')).toBe('');
    const headers = ['Record-Route: <sip:192.0.2.1;lr>', `Record-Route: <sip:${peer.address};lr>`];
    peer.send(reply(invite, '200 OK', { peer, headers: [...headers, 'Content-Type: application/sdp'], body: SDP }));
    await placed;
    const ack = await peer.take('ACK');
    expect(ack.text.match(/^Route: .*/gm)?.map((line) => line.trim())).toEqual([
      `Route: <sip:${peer.address};lr>`,
      'Route: <sip:192.0.2.1;lr>',
    ]);
  });

  it('C6: a challenge is answered by drachtio-srf in the same dialog id', async () => {
    const placed = app.createUAC(`sip:callee@${peer.address}`, {
      localSdp: SDP,
      auth: { username: 'u', password: 'p' },
    });
    const first = await peer.take('INVITE');
    const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"';
    peer.send(reply(first, '401 Unauthorized', { peer, headers: [challenge] }));
    await peer.take('ACK');
    const second = await peer.take('INVITE');
    expect(second.header('Authorization')).toContain('username="u"');
    expect(second.header('Call-ID')).toBe(first.header('Call-ID'));
    expect(second.header('From')).toBe(first.header('From'));
    expect(Number.parseInt(second.header('CSeq'), 10)).toBe(Number.parseInt(first.header('CSeq'), 10) + 1);
    peer.send(reply(second, '200 OK', { peer, ...sdpHeader }));
    const dialog = await placed;
    expect(dialog.id).toBe(`${first.header('Call-ID')};from-tag=${dialog.sip.localTag}`);
  });

  it('a BYE that is not answered ends the dialog after 32 seconds with 408', async () => {
    const placed = app.createUAC(`sip:callee@${peer.address}`, { localSdp: SDP });
    const invite = await peer.take('INVITE');
    peer.send(reply(invite, '200 OK', { peer, ...sdpHeader }));
    const dialog = await placed;
    await peer.take('ACK');
    const ended = dialog.destroy();
    const bye = await peer.take('BYE');
    for (const ms of [500, 1000, 2000, 4000, 4000]) {
      rig.clock.advance(ms);
      expect((await peer.take('BYE')).text).toBe(bye.text);
    }
    rig.clock.advance(20_500);
    await ended;
    expect(rig.server.counts()).toEqual({ serverTransactions: 0, clientTransactions: 0, dialogs: 0 });
  });

  it('goes over a TCP connection that the peer opened, when there is one', async () => {
    const tcp = await openTcpPeer(rig.tcpPort);
    await tcp.settle();
    const placed = app.createUAC(`sip:callee@${tcp.address};transport=tcp`, { localSdp: SDP });
    const invite = await tcp.take('INVITE');
    expect(invite.header('Via')).toMatch(new RegExp(`^SIP/2.0/TCP 127.0.0.1:${rig.tcpPort};branch=`));
    expect(invite.header('Contact')).toBe(`<sip:127.0.0.1:${rig.tcpPort};transport=tcp>`);
    tcp.send(reply(invite, '200 OK', { peer: tcp, ...sdpHeader }));
    const dialog = await placed;
    await tcp.take('ACK');
    const ended = dialog.destroy();
    const bye = await tcp.take('BYE');
    tcp.send(reply(bye, '200 OK', { peer: tcp }));
    await ended;
    await tcp.close();
  });
});
