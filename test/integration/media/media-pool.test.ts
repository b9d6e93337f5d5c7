import { afterEach, expect, test } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { MediaCommand, MediaFact, MediaReport } from '#domain/media-protocol.ts';
import { createMediaPool, type MediaPool } from '#media/media-pool.ts';
import { newCallId, until } from '../../fakes/media-rig.ts';
import { RtpPeer } from '../../fakes/rtp-peer.ts';
import { silentLog } from '../../fakes/silent-log.ts';

let pool: MediaPool;
afterEach(() => pool.stop());

const open = async (workers: number, workerUrl?: URL): Promise<void> => {
  pool = createMediaPool({
    workers,
    rtpHost: '127.0.0.1',
    rtpPorts: { min: 31_500, max: 31_599 },
    modelChunkMs: 40,
    log: silentLog,
    ...(workerUrl ? { workerUrl } : {}),
  });
  await pool.start();
};

const call = () => {
  const callId: CallId = newCallId();
  const facts: MediaFact[] = [];
  pool.subscribe(callId, (report: MediaReport) => facts.push(report.fact));
  const send = (command: MediaCommand, generation = 1): void => pool.send({ callId, generation, command });
  const fact = async <T extends MediaFact['type']>(type: T): Promise<Extract<MediaFact, { type: T }>> => {
    const find = () => facts.find((one): one is Extract<MediaFact, { type: T }> => one.type === type);
    await until(() => find() !== undefined);
    return find()!;
  };
  return { callId, facts, send, fact };
};

test('calls are spread over real worker threads, carry RTP, and leave nothing behind', async () => {
  await open(2);
  const calls = [call(), call(), call(), call()];
  for (const { send } of calls) send({ type: 'leg.open' });
  const opened = await Promise.all(calls.map(({ fact }) => fact('leg.opened')));
  const slices = opened.map(({ rtp }) => (rtp.port < 31_550 ? 0 : 1));
  expect([slices.filter((slice) => slice === 0).length, new Set(opened.map(({ rtp }) => rtp.port)).size]).toEqual([
    2, 4,
  ]);
  expect(await pool.ledger()).toMatchObject({ legs: 4, sockets: 8, ports: 8 });
  const peer = await RtpPeer.open();
  const media = {
    codec: 'PCMA',
    payloadType: 8,
    dtmfReceivePayloadType: null,
    dtmfSendPayloadType: null,
    remote: { host: '127.0.0.1', port: peer.port },
    direction: 'sendrecv',
    ptimeMs: 20,
  } as const;
  calls[0]!.send({ type: 'leg.connect', media, signallingHost: '127.0.0.1', allowedCidrs: [] });
  await until(() => peer.heard.length >= 3);
  expect(peer.heard[0]).toMatchObject({ payloadType: 8, ssrc: opened[0]!.ssrc });
  for (const { send } of calls) send({ type: 'leg.close' });
  await Promise.all(calls.map(({ fact }) => fact('leg.closed')));
  await peer.close();
  expect(await pool.ledger()).toEqual({
    legs: 0,
    sockets: 0,
    ports: 0,
    quarantinedPorts: 8,
    modelConnections: 0,
    recordings: 0,
  });
});

test('a worker that stands still is replaced, and only its calls are told', async () => {
  await open(2, new URL('../../fixtures/programs/frozen-media-worker.ts', import.meta.url));
  const [lost, other] = [call(), call()];
  lost.send({ type: 'leg.open' });
  other.send({ type: 'leg.open' });
  const [first, second] = [await lost.fact('leg.opened'), await other.fact('leg.opened')];
  expect(first.ssrc).not.toBe(second.ssrc);
  lost.send({ type: 'leg.close' });
  expect(await lost.fact('leg.failed')).toEqual({
    type: 'leg.failed',
    code: 'workerLost',
    message: 'The media worker of this call was lost: does not tick.',
  });
  expect(other.facts).toEqual([second]);
  lost.facts.length = 0;
  lost.send({ type: 'leg.open' }, 2);
  expect(await lost.fact('leg.opened')).toEqual(first);
});
