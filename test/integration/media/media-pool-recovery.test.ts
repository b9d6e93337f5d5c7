import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LegOrigin, MediaCommand, MediaFact } from '#domain/media-protocol.ts';
import { createMediaPool, type MediaPool } from '#media/media-pool.ts';
import { startPooledWorker } from '#media/pooled-worker.ts';
import { everyFrame, newCallId, until } from '../../fakes/media-rig.ts';
import { openRtcpPeer } from '../../fakes/rtcp-peer.ts';
import { leapIn, RtpPeer, toneFrame, type HeardPacket } from '../../fakes/rtp-peer.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { orderMediaWorkerFault, type MediaWorkerFault } from '../../fixtures/programs/media-worker-faults.ts';

const RTP_PORTS = { min: 42_600, max: 42_699 };
const MIDDLE = 42_650;
const FAULTY_WORKER = new URL('../../fixtures/programs/faulty-media-worker.ts', import.meta.url);
const SILENCE = 0xff;
/** How late a busy machine may read what was sent; a resumed recording that counts anew is wrong by more. */
const ARRIVAL_MS = 250;

let pool: MediaPool;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'trunkline-pool-'));
  pool = createMediaPool({
    workers: 2,
    rtpHost: '127.0.0.1',
    rtpPorts: RTP_PORTS,
    modelChunkMs: 40,
    log: silentLog,
    workerUrl: FAULTY_WORKER,
  });
  await pool.start();
});
afterEach(async () => {
  await pool.stop();
  await rm(directory, { recursive: true });
});

const call = () => {
  const callId = newCallId();
  const facts: MediaFact[] = [];
  pool.subscribe(callId, ({ fact }) => facts.push(fact));
  const send = (command: MediaCommand, generation = 1): void => pool.send({ callId, generation, command });
  const fact = async <T extends MediaFact['type']>(type: T, count = 1): Promise<Extract<MediaFact, { type: T }>> => {
    const find = () => facts.filter((one): one is Extract<MediaFact, { type: T }> => one.type === type)[count - 1];
    await until(() => find() !== undefined);
    return find()!;
  };
  const connect = (peer: RtpPeer, generation = 1): void => {
    const media = {
      codec: 'PCMU',
      payloadType: 0,
      dtmfReceivePayloadType: null,
      dtmfSendPayloadType: null,
      remote: { host: '127.0.0.1', port: peer.port },
      direction: 'sendrecv',
      ptimeMs: 20,
    } as const;
    send({ type: 'leg.connect', media, signallingHost: '127.0.0.1', allowedCidrs: [] }, generation);
  };
  return { facts, send, fact, connect };
};

const slotOf = ({ rtp }: LegOrigin): number => (rtp.port < MIDDLE ? 0 : 1);

/** How late the least delayed of these packets came by the stream's own clock. */
const leastLateness = (packets: readonly HeardPacket[], { firstTimestamp }: LegOrigin): number =>
  Math.min(...packets.map(({ at, timestamp }) => at - ((timestamp - firstTimestamp) >>> 0) / 8));

/** Where the caller's side is loud, in milliseconds: first and last moment of each stretch. */
const loudStretches = (file: Buffer): [number, number][] => {
  const stretches: [number, number][] = [];
  for (let at = 44; at + 4 <= file.length; at += 4) {
    const ms = (at - 44) / 32;
    const last = stretches.at(-1);
    if (Math.abs(file.readInt16LE(at)) < 1_000) continue;
    if (last !== undefined && ms - last[1] < 100) last[1] = ms;
    else stretches.push([ms, ms]);
  }
  return stretches;
};

test.each<MediaWorkerFault['fault']>(['throw', 'exit', 'loop'])(
  'C17: a call whose worker is lost (%s) goes on with its stream and its recording, and no other call notices',
  async (fault) => {
    const { peer, byes, close } = await openRtcpPeer();
    const lost = call();
    const other = call();
    lost.send({ type: 'leg.open' });
    other.send({ type: 'leg.open' });
    const { type: _, ...origin } = await lost.fact('leg.opened');
    const { type: __, ...otherOrigin } = await other.fact('leg.opened');
    expect(slotOf(otherOrigin)).toBe(1 - slotOf(origin));
    peer.aim(origin.rtp);
    lost.connect(peer);
    lost.send({ type: 'recording.start', directory });
    const { path: file, startedAt } = await lost.fact('recording.started');

    const spokeAt = Date.now();
    await everyFrame((frame) => {
      peer.sendAudio(toneFrame(500, frame));
      return frame < 59;
    });
    orderMediaWorkerFault({ mediaWorker: slotOf(origin), fault });
    expect(await lost.fact('leg.failed')).toMatchObject({ code: 'workerLost' });
    lost.send({ type: 'leg.reopen', ...origin }, 2);
    lost.connect(peer, 2);
    lost.send({ type: 'recording.resume', directory, path: file, startedAt }, 2);
    expect(await lost.fact('leg.opened', 2)).toEqual({ type: 'leg.opened', ...origin });
    expect(await lost.fact('recording.started', 2)).toEqual({ type: 'recording.started', path: file, startedAt });

    await until(() => leapIn(peer.heard) > 0 && peer.heard.length > leapIn(peer.heard) + 10);
    const spokeAgainAt = Date.now();
    await everyFrame((frame) => {
      peer.sendAudio(toneFrame(500, frame));
      return frame < 49;
    });
    const stoppedAt = Date.now();
    lost.send({ type: 'recording.stop', endedAt: null }, 2);
    const { durationMs } = await lost.fact('recording.stopped');
    expect(durationMs).toBeGreaterThanOrEqual(stoppedAt - startedAt - 20);
    expect(durationMs).toBeLessThanOrEqual(Date.now() - startedAt + 20);

    const next = leapIn(peer.heard);
    const [last, first] = [peer.heard[next - 1]!, peer.heard[next]!];
    expect(new Set(peer.heard.map(({ ssrc }) => ssrc))).toEqual(new Set([origin.ssrc]));
    expect(first.marker).toBe(true);
    expect((first.sequence - last.sequence) & 0xffff).toBeGreaterThanOrEqual(100);
    expect((first.sequence - last.sequence) & 0xffff).toBeLessThan(500);
    const drift = leastLateness(peer.heard.slice(next), origin) - leastLateness(peer.heard.slice(0, next), origin);
    expect(Math.abs(drift)).toBeLessThan(20);
    expect(byes()).toBe(0);

    const stretches = loudStretches(await readFile(file));
    const beginsAt = (ms: number): boolean => stretches.some(([from]) => Math.abs(from - ms) < ARRIVAL_MS);
    expect(
      [spokeAt, spokeAgainAt].map((at) => beginsAt(at - startedAt)),
      JSON.stringify(stretches),
    ).toEqual([true, true]);
    expect(other.facts.filter(({ type }) => type !== 'media.measured')).toHaveLength(1);
    lost.send({ type: 'leg.close' }, 2);
    expect(await lost.fact('leg.closed')).toMatchObject({ leaked: [] });
    await close();
  },
);

test('calls of a lost worker that are opened again are bound before others, each at its own port', async () => {
  const calls = Array.from({ length: 12 }, call);
  for (const { send } of calls) send({ type: 'leg.open' });
  const opened = await Promise.all(calls.map(({ fact }) => fact('leg.opened')));
  const lost = calls.filter((_, index) => slotOf(opened[index]!) === 0);
  expect(lost).toHaveLength(6);
  orderMediaWorkerFault({ mediaWorker: 0, fault: 'exit' });
  await Promise.all(lost.map(({ fact }) => fact('leg.failed')));
  const fresh = call();
  calls.forEach(({ send }, index) => {
    if (slotOf(opened[index]!) === 0) send({ ...opened[index]!, type: 'leg.reopen' }, 2);
  });
  fresh.send({ type: 'leg.open' });
  await Promise.all(lost.map(({ fact }) => fact('leg.opened', 2)));
  expect(opened.map(({ rtp }) => rtp.port)).not.toContain((await fresh.fact('leg.opened')).rtp.port);
  expect(await pool.ledger()).toMatchObject({ legs: 13, ports: 26, quarantinedPorts: 0 });
});

test('a leg is opened again by the worker that its port belongs to, or by any when it belongs to none', async () => {
  const peer = await RtpPeer.open();
  const origins = [42_620, 42_690, 42_720].map((port) => ({
    rtp: { host: '127.0.0.1', port },
    ssrc: port,
    openedAt: Date.now() - 5_000,
    firstSequence: 0,
    firstTimestamp: 0,
  }));
  const [low, high, outside] = [call(), call(), call()];
  [low, high, outside].forEach(({ send }, index) => send({ type: 'leg.reopen', ...origins[index]! }));
  for (const one of [low, high, outside]) await one.fact('leg.opened');
  outside.connect(peer);
  await until(() => peer.heard.some(({ ssrc, payload }) => ssrc === 42_720 && payload[0] === SILENCE));
  orderMediaWorkerFault({ mediaWorker: 1, fault: 'exit' });
  expect(await high.fact('leg.failed')).toMatchObject({ code: 'workerLost' });
  expect(low.facts).toHaveLength(1);
  await peer.close();
});

test('a process that was frozen as a whole loses no worker for that', async () => {
  const losses: string[] = [];
  const worker = startPooledWorker({
    file: FAULTY_WORKER,
    rtpHost: '127.0.0.1',
    rtpPorts: { min: 42_730, max: 42_739 },
    modelChunkMs: 40,
    leaseMs: null,
    workerIndex: 7,
    stillMs: () => 1_000,
    log: silentLog,
    onReport: () => {},
    onFrozen: () => {},
    onLost: (reason) => losses.push(reason),
  });
  await worker.ready;
  const wokenAt = performance.now() + 20_000;
  worker.check(wokenAt);
  worker.check(wokenAt + 250);
  expect(await worker.ledger()).toMatchObject({ legs: 0 });
  expect(losses).toEqual([]);
  await worker.stop('end');
});
