import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaller, SDP, SECRET, startSipServer, type SipServerRig } from '../fakes/sip-server-rig.ts';
import { openUdpPeer, type SipPeer } from '../fakes/sip-peer.ts';
import { fields, openRawApp, type RawApp } from '../fakes/raw-app.ts';
import { connectSrf, leave } from '../fakes/srf-app.ts';

describe('the control connection', () => {
  let rig: SipServerRig;
  let peer: SipPeer;

  beforeEach(async () => {
    rig = await startSipServer();
    peer = await openUdpPeer(rig.udpPort);
  });

  afterEach(async () => {
    expect(rig.faults).toEqual([]);
    await peer.close();
    await rig.close();
  });

  const logIn = async (): Promise<RawApp> => {
    const app = await openRawApp(rig.controlPort);
    app.say(`m0|authenticate|${SECRET}|`);
    await app.next();
    return app;
  };

  it('answers a login with addresses and a version that drachtio-srf pings', async () => {
    const app = await openRawApp(rig.controlPort);
    app.say(`m1|authenticate|${SECRET}|a,b`);
    const hostports = `udp/127.0.0.1:${rig.udpPort},tcp/127.0.0.1:${rig.tcpPort}`;
    expect(fields(await app.next())).toEqual(['response', 'm1', 'OK', hostports, 'v0.9.10-trunkline', hostports]);
    app.say('m2|ping');
    expect(fields(await app.next())).toEqual(['response', 'm2', 'OK', 'pong']);
    app.socket.destroy();
  });

  it('refuses a wrong secret and closes', async () => {
    const app = await openRawApp(rig.controlPort);
    app.say('m1|authenticate|wrong|');
    expect(fields(await app.next())).toEqual(['response', 'm1', 'NO', 'incorrect secret']);
    await app.closed;
    await expect(connectSrf(rig.controlPort, 'wrong')).rejects.toThrow('failed to authenticate');
  });

  it('serves nobody who has not logged in', async () => {
    for (const command of ['route|invite', 'ping', 'sip||\r\nINVITE sip:a@127.0.0.1 SIP/2.0\r\n\r\n']) {
      const app = await openRawApp(rig.controlPort);
      app.say(`m1|${command}`);
      expect(fields(await app.next())).toEqual(['response', 'm1', 'NO', 'not authenticated']);
      await app.closed;
    }
    createCaller(peer).invite();
    await peer.take('SIP/2.0 503');
  });

  it('closes on unknown commands and on what is no frame', async () => {
    const unknown = await logIn();
    unknown.say('m1|service|x');
    expect(fields(await unknown.next())).toEqual(['response', 'm1', 'NO', 'Unknown message type']);
    await unknown.closed;
    const short = await logIn();
    short.say('m1');
    expect(fields(await short.next())).toEqual(['response', 'm1', 'NO', 'Invalid message format']);
    await short.closed;
    const noFrame = await logIn();
    noFrame.write('GET / HTTP/1.1\r\n\r\n');
    await noFrame.closed;
    const tooLarge = await openRawApp(rig.controlPort);
    tooLarge.write('999999#m1|authenticate');
    await tooLarge.closed;
  });

  it('reads frames however they are cut, of any size, with lengths in bytes', async () => {
    const app = await logIn();
    const body = 'v=0 ☎ Привет '.repeat(1000);
    const options = [
      `OPTIONS sip:a@${peer.address} SIP/2.0`,
      'content-type: text/plain',
      'content-length: 3',
      '',
      body,
    ];
    const payload = `m1|sip||\r\n${options.join('\r\n')}`;
    const frame = Buffer.from(`${Buffer.byteLength(payload)}#${payload}7#m2|ping`, 'utf8');
    for (let at = 0; at < frame.length; at += 1000) app.socket.write(frame.subarray(at, at + 1000));
    const echo = await app.next();
    expect(fields(echo).slice(0, 4)).toEqual(['response', 'm1', 'OK', 'application']);
    expect((await peer.take('OPTIONS')).body).toBe(body);
    expect(fields(await app.next())).toEqual(['response', 'm2', 'OK', 'pong']);
    app.socket.destroy();
  });

  it('gives requests to the applications of a verb in turn, and to none that left or took its route back', async () => {
    const [a, b] = [await rig.connectApp(), await rig.connectApp()];
    const asked: string[] = [];
    a.use('options', (_req, res) => {
      asked.push('a');
      res.send(200);
    });
    b.use('options', (_req, res) => {
      asked.push('b');
      res.send(200);
    });
    b.use('message', (_req, res) => res.send(202));
    const ask = async (answer: string): Promise<void> => {
      createCaller(peer).send({ method: 'OPTIONS', cseq: 1 });
      await peer.take(answer);
    };
    const barrier = await logIn();
    barrier.say('m1|ping');
    await barrier.next();
    await expect
      .poll(async () => {
        createCaller(peer).send({ method: 'MESSAGE', cseq: 1 });
        return (await peer.take('SIP/2.0')).start;
      })
      .toBe('SIP/2.0 202 Accepted');
    for (let i = 0; i < 4; i += 1) await ask('SIP/2.0 200');
    expect(asked.toSorted()).toEqual(['a', 'a', 'b', 'b']);
    await leave(a);
    await ask('SIP/2.0 200');
    expect(asked.at(-1)).toBe('b');
    b.app.client.removeRoute('options');
    await expect
      .poll(async () => {
        createCaller(peer).send({ method: 'OPTIONS', cseq: 1 });
        return (await peer.take('SIP/2.0')).start;
      })
      .toBe('SIP/2.0 503 Service Unavailable');
    createCaller(peer).send({ method: 'MESSAGE', cseq: 1 });
    await peer.take('SIP/2.0 202');
    barrier.socket.destroy();
  });

  it('says why a message of an application cannot be sent', async () => {
    const app = await logIn();
    const refusal = async (line: string, text: string): Promise<string[]> => {
      app.say(`m1|${line}\r\n${text}`);
      return fields(await app.next()).slice(2);
    };
    expect(await refusal('sip|unknown|', 'SIP/2.0 200 OK\r\n\r\n')).toEqual([
      'NOK',
      'Response not sent due to unknown transaction',
    ]);
    expect(await refusal('sip||call;from-tag=x', 'INFO sip:placeholder SIP/2.0\r\n\r\nx')).toEqual([
      'NOK',
      'Server error: unable to find dialog for dialog id provided',
    ]);
    expect(await refusal('sip||call;from-tag=x', 'ACK sip:placeholder SIP/2.0\r\n\r\n')).toEqual([
      'NOK',
      'Server error: ACK for non-success final response is automatically generated by server',
    ]);
    expect(await refusal('sip|gone|', 'CANCEL sip:a@127.0.0.1 SIP/2.0\r\n\r\n')).toEqual([
      'NOK',
      'unable to cancel unknown transaction id: gone',
    ]);
    const myself = `sip:a@127.0.0.1:${rig.udpPort}`;
    expect(await refusal('sip||', `OPTIONS ${myself} SIP/2.0\r\n\r\n`)).toEqual([
      'NOK',
      'can not send request to myself',
    ]);
    expect(await refusal('sip||', 'OPTIONS http://a SIP/2.0\r\n\r\n')).toEqual([
      'NOK',
      'invalid request-uri: http://a',
    ]);
    expect(await refusal('sip||', `INFO sip:a@${peer.address} SIP/2.0\r\n\r\nx`)).toEqual([
      'NOK',
      'missing content-type',
    ]);
    expect(await refusal('sip||', `INFO sip:a@${peer.address};transport=sctp SIP/2.0\r\n\r\n`)).toEqual([
      'NOK',
      'requested protocol/transport not available',
    ]);
    app.socket.destroy();
  });

  it('tells a request, an answer and its ACK in the fields drachtio-srf reads', async () => {
    const app = await logIn();
    app.say('m1|route|invite');
    expect(fields(await app.next())).toEqual(['response', 'm1', 'OK']);
    const caller = createCaller(peer);
    caller.invite();
    const invite = fields(await app.next());
    const txnId = invite[7] ?? '';
    expect(invite).toEqual([
      ...['sip', 'network', invite[2], 'udp', '127.0.0.1', String(peer.port)],
      ...[expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{6}$/), txnId, '', '127.0.0.1', String(rig.udpPort), ''],
    ]);
    app.say(`m2|sip|${txnId}|\r\nSIP/2.0 200 OK\r\ncontent-length: 1\r\n\r\n${SDP}`);
    const dialogId = `${caller.callId};from-tag=${caller.fromTag}`;
    const echo = await app.next();
    const ok = await peer.take('SIP/2.0 200');
    expect(fields(echo)).toEqual([
      ...['response', 'm2', 'OK', 'application', String(Buffer.byteLength(ok.text)), 'udp', '127.0.0.1'],
      ...[String(peer.port), expect.any(String), txnId, dialogId, '', 'Msg sent:', ''],
    ]);
    expect(echo.slice(echo.indexOf('\r\n') + 2)).toBe(ok.text);
    caller.ack(ok);
    const ack = fields(await app.next());
    expect([ack[0], ack[7], ack[8]]).toEqual(['sip', txnId, dialogId]);
    caller.ack(ok);
    const second = fields(await app.next());
    expect(second[7]).not.toBe(txnId);
    app.socket.destroy();
  });

  it('lets any application answer an INVITE, also when the one that got it is gone, and gives it the call', async () => {
    const [first, second] = [await logIn(), await logIn()];
    first.say('m1|route|invite');
    await first.next();
    const caller = createCaller(peer);
    caller.invite();
    const txnId = fields(await first.next())[7] ?? '';
    first.socket.destroy();
    await first.closed;
    second.say(`m1|sip|${txnId}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
    expect(fields(await second.next())[2]).toBe('OK');
    const ok = await peer.take('SIP/2.0 200');
    caller.ack(ok);
    expect(await second.next()).toContain('\r\nACK sip:');
    caller.send({ method: 'BYE', cseq: 2, toTag: ok.toTag });
    const bye = await second.next();
    second.say(`m2|sip|${fields(bye)[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect((await peer.take('SIP/2.0 200')).header('CSeq')).toBe('2 BYE');
    second.socket.destroy();
  });
});
