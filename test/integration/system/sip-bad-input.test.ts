import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openUdpPeer } from '../../fakes/sip-peer.ts';
import { openRawCall, type RawCall } from '../../fixtures/system/raw-call.ts';
import { startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let database: TestDatabase;
let trunkline: TestSystem;
let pid: number | null;
let call: RawCall;

beforeAll(async () => {
  database = await createTestDatabase();
  trunkline = await startTestSystem({ databaseUrl: database.url });
  pid = trunkline.system.applicationPid;
});

afterAll(async () => {
  await trunkline?.stop();
  await database?.drop();
});

beforeEach(async () => {
  call = await openRawCall(trunkline);
});

afterEach(async () => {
  await call.close();
  expect(trunkline.system.applicationPid).toBe(pid);
  expect(trunkline.logs.filter((line) => /unhandled|uncaught|A call crashed/i.test(line))).toEqual([]);
});

/** The call is up, both ways, and can be ended in order. */
const expectCallGoesOn = async (): Promise<void> => {
  await call.untilHeard();
  expect(await call.hangUp()).toMatchObject({ start: 'SIP/2.0 200 OK' });
  const { status, cause, ledger } = await trunkline.untilSettled(call.number);
  expect({ status, cause, leaked: ledger?.leaked }).toEqual({
    status: 'answered',
    cause: 'callerHungUp',
    leaked: [],
  });
  expect(await trunkline.rowsOf(call.number)).toHaveLength(1);
};

/** Refused before it became a call. */
const expectRefusal = async (start: string) => {
  const answer = await call.peer.take(start);
  call.send('ACK', { toTag: answer.toTag });
  await call.peer.settle();
  expect(await trunkline.rowsOf(call.number)).toEqual([]);
  return answer;
};

test('an INVITE without an offer is given one, and the answer in the ACK connects the audio', async () => {
  const caller = await trunkline.caller();
  const answer = await caller.invite({ sdp: null });
  expect(answer.body).toMatch(/^m=audio \d+ RTP\/AVP 0 8 101/m);
  await trunkline.untilState(caller.number, 'talking');
  await expect.poll(() => caller.audio.heard.length).toBeGreaterThan(10);
  await caller.bye();
  expect(await trunkline.untilSettled(caller.number)).toMatchObject({ status: 'answered', ledger: { leaked: [] } });
});

test('an offer of ours that the ACK does not answer ends the call with BYE', async () => {
  const caller = await trunkline.caller();
  await caller.invite({ sdp: null, autoAck: false });
  caller.acknowledge();
  await caller.untilHungUpByPeer();
  const settled = await trunkline.untilSettled(caller.number);
  expect(settled).toMatchObject({ status: 'failed', cause: 'mediaRefused', ledger: { leaked: [] } });
});

test('an offer of unknown codecs only gets 488 and no row', async () => {
  const body = call.sdp().replace('RTP/AVP 0 101', 'RTP/AVP 9 18 101');
  call.send('INVITE', { body });
  await expectRefusal('SIP/2.0 488');
});

test('m-lines are answered in order, the ones that are not used with port 0', async () => {
  const video = 'm=video 40000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n';
  const second = 'm=audio 40002 RTP/AVP 0\r\n';
  const answer = await call.connect({ body: call.sdp().replace('m=audio', `${video}m=audio`) + second });
  const lines = answer.body.split('\r\n').filter((line) => line.startsWith('m='));
  expect(lines).toEqual(['m=video 0 RTP/AVP 96', expect.stringMatching(/^m=audio [1-9]\d* /), 'm=audio 0 RTP/AVP 0']);
  await expectCallGoesOn();
});

test('an offer with 0.0.0.0 is answered, and nothing is sent there', async () => {
  await call.connect({ body: call.sdp().replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0') });
  expect(await call.hangUp()).toMatchObject({ start: 'SIP/2.0 200 OK' });
  expect(await trunkline.untilSettled(call.number)).toMatchObject({ status: 'answered', ledger: { leaked: [] } });
  expect(call.rtp.heard).toEqual([]);
});

test('an offer of IPv6 to an application that speaks IPv4 gets 488 and no row', async () => {
  call.send('INVITE', { body: call.sdp().replace('c=IN IP4 127.0.0.1', 'c=IN IP6 ::1') });
  await expectRefusal('SIP/2.0 488');
});

test('an unsupported Require gets 420 that names it, and no row', async () => {
  call.send('INVITE', { body: call.sdp(), headers: ['Require: 100rel, sec-agree'] });
  const answer = await expectRefusal('SIP/2.0 420');
  expect(answer.header('Unsupported')).toContain('sec-agree');
});

test('a Content-Length beyond the datagram gets 400 and no row', async () => {
  call.send('INVITE', { body: call.sdp(), contentLength: 5_000 });
  await expectRefusal('SIP/2.0 400');
});

test('a Content-Length short of the datagram cuts the body there', async () => {
  const body = call.sdp();
  await call.connect({ body: `${body}m=nonsense`, contentLength: Buffer.byteLength(body) });
  await expectCallGoesOn();
});

test('without Content-Length the body goes to the end of the datagram', async () => {
  await call.connect({ contentLength: null });
  await expectCallGoesOn();
});

test('folded and compact headers are read', async () => {
  const compact = call
    .text('INVITE', { body: call.sdp() })
    .replace('Via: SIP/2.0/UDP', 'v:SIP/2.0/UDP\r\n ')
    .replace('From: ', 'f  : ')
    .replace('To: ', 't:\r\n\t')
    .replace('Call-ID: ', 'i: ')
    .replace('Contact: ', 'm: ')
    .replace('Content-Type: ', 'c: ')
    .replace('Content-Length: ', 'l: ');
  call.peer.send(compact);
  await call.untilConnected();
  await expectCallGoesOn();
});

test('C8: a repeated INVITE opens no second call', async () => {
  const body = call.sdp();
  for (let times = 0; times < 3; times += 1) call.send('INVITE', { body });
  await call.untilConnected();
  call.send('INVITE', { body });
  await expectCallGoesOn();
});

test('a lower CSeq gets 500, the same one again is answered, and the call goes on', async () => {
  await call.connect({ cseq: 7 });
  call.send('OPTIONS', { cseq: 6 });
  await call.peer.take('SIP/2.0 500');
  const branch = 'z9hG4bKtwice';
  for (const times of [1, 2]) {
    call.send('OPTIONS', { cseq: 8, branch });
    expect(await call.peer.take('SIP/2.0 200'), `${times}`).toBeDefined();
  }
  await expectCallGoesOn();
});

test.each(['BYE', 'INVITE', 'OPTIONS'])('%s with the To-tag of no dialog gets 481', async (method) => {
  call.send(method, { toTag: 'of-no-dialog', body: method === 'INVITE' ? call.sdp() : '' });
  await expectRefusal('SIP/2.0 481');
});

test('S5: a BYE from another address with the right tags ends the call', async () => {
  await call.connect();
  const stranger = await openUdpPeer(trunkline.sip.port);
  call.send('BYE', { cseq: 5, from: stranger });
  expect(await stranger.take('SIP/2.0 200')).toBeDefined();
  await stranger.close();
  const settled = await trunkline.untilSettled(call.number);
  expect(settled).toMatchObject({ status: 'answered', cause: 'callerHungUp', ledger: { leaked: [] } });
});

test.each([
  ['From-tag', { fromTag: 'wrong' }],
  ['To-tag', { toTag: 'wrong' }],
  ['Call-ID', { callId: 'wrong@raw' }],
])('C1: a BYE with the wrong %s gets 481, and the call goes on', async (_, wrong) => {
  await call.connect();
  call.send('BYE', { cseq: 5, ...wrong });
  await call.peer.take('SIP/2.0 481');
  await expectCallGoesOn();
});

test('C9: a CANCEL after the 200 gets 481, and the call goes on', async () => {
  await call.connect();
  call.send('CANCEL', { toTag: '' });
  await call.peer.take('SIP/2.0 481');
  await expectCallGoesOn();
});
