import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaller, SDP, startSipServer, type SipServerRig } from '../fakes/sip-server-rig.ts';
import { openTcpPeer, openUdpPeer, type SipPeer } from '../fakes/sip-peer.ts';
import { answerCalls, type SrfApp } from '../fakes/srf-app.ts';

describe('bad input', () => {
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

  it('is answered 400 or dropped, and harms nothing', async () => {
    const options = createCaller(peer).request({ method: 'OPTIONS', cseq: 1 });
    const refused = [
      options.replace('Content-Length: 0', 'Content-Length: 10'),
      options.replace('Content-Length: 0', 'Content-Length: x'),
      options.replace(/Call-ID:.*\r\n/, ''),
      options.replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE'),
      options.replace('Max-Forwards: 70', 'Max-Forwards 70'),
    ];
    for (const text of refused) {
      peer.send(text);
      const answer = await peer.take('SIP/2.0 4');
      expect([answer.start.slice(0, 11), answer.header('Via')]).toEqual([
        'SIP/2.0 400',
        expect.stringContaining('rport='),
      ]);
    }
    peer.send(
      createCaller(peer)
        .request({ method: 'INVITE', cseq: 1 })
        .replace(/Contact:.*\r\n/, ''),
    );
    await peer.take('SIP/2.0 400');
    peer.send(options.replace('SIP/2.0\r\nVia', 'SIP/4.0\r\nVia'));
    await peer.take('SIP/2.0 505');
    const dropped = [
      'nonsense that is long enough',
      '\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n',
      options.replace(/Via:.*\r\n/, ''),
      options.replace(/^OPTIONS .*/, 'SIP/2.0 200 OK'),
      options.replaceAll('OPTIONS', 'ACK').replace(/Call-ID:.*\r\n/, ''),
      '\0'.repeat(2000),
    ];
    for (const text of dropped) peer.send(text);
    await peer.settle();
    expect(peer.waiting()).toEqual([]);
  });

  it('that is only unusual is understood: compact, folded, repeated and lower-case headers', async () => {
    const seen = answerCalls(app, SDP);
    const { callId } = createCaller(peer);
    peer.send(
      [
        'INVITE sip:service@127.0.0.1 SIP/2.0',
        `v: SIP/2.0/UDP ${peer.address};branch=z9hG4bK${callId}`,
        'v: SIP/2.0/UDP inner;branch=z9hG4bKinner',
        'f: "Caller',
        ' Name" <sip:caller@x>',
        '  ;tag=f',
        't: <sip:service@127.0.0.1>',
        `i: ${callId}`,
        'cseq: 1 INVITE',
        `m: <sip:caller@${peer.address}>`,
        'c: application/sdp',
        '',
        SDP,
      ].join('\r\n'),
    );
    const ok = await peer.take('SIP/2.0 200');
    expect(ok.text.match(/^v: .*/gm)?.length).toBe(2);
    expect(seen.invites[0]?.get('from')).toContain('tag=f');
    expect(seen.invites[0]?.body).toBe(SDP);
  });

  it('on a stream without Content-Length ends the connection after a 400, and no other', async () => {
    const [bad, good] = [await openTcpPeer(rig.tcpPort), await openTcpPeer(rig.tcpPort)];
    const closed = once(bad.socket, 'close');
    bad.send(createCaller(bad).request({ method: 'OPTIONS', cseq: 1 }).replace('Content-Length: 0\r\n', ''));
    await bad.take('SIP/2.0 400');
    await closed;
    await good.settle();
    await good.close();
  });

  it('on a stream is told apart from messages cut anywhere, several at once, and keep-alives', async () => {
    const tcp = await openTcpPeer(rig.tcpPort);
    app.use('message', (req, res) => res.send(200, { headers: { 'X-Body': encodeURIComponent(req.body) } }));
    await expect
      .poll(async () => {
        createCaller(tcp).send({ method: 'MESSAGE', cseq: 1 });
        return (await tcp.take('SIP/2.0')).start;
      })
      .toBe('SIP/2.0 200 OK');
    const bodies = ['one', 'two\r\n\r\nlines', 'Привет'];
    const headers = ['Content-Type: text/plain'];
    const all = bodies.map((body) => createCaller(tcp).request({ method: 'MESSAGE', cseq: 1, headers, body })).join('');
    const bytes = Buffer.from(`${all}\r\n\r\n`, 'utf8');
    for (let at = 0; at < bytes.length; at += 37) tcp.socket.write(bytes.subarray(at, at + 37));
    expect((await tcp.take('SIP/2.0 200')).header('X-Body')).toBe('one');
    await tcp.take('SIP/2.0 200');
    expect((await tcp.take('SIP/2.0 200')).header('X-Body')).toBe(encodeURIComponent('Привет'));
    await tcp.take('PONG');
    await tcp.close();
  });

  it('forgets a request that its application never answers', async () => {
    app.use('message', () => undefined);
    await expect
      .poll(async () => {
        createCaller(peer).send({ method: 'MESSAGE', cseq: 1 });
        await peer.settle();
        return peer.waiting().splice(0).length;
      })
      .toBe(0);
    rig.clock.advance(64_000);
    expect(rig.server.counts().serverTransactions).toBe(0);
  });
});
