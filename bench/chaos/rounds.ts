/** One round after another: harm the system, see every call go on, look at what was kept of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { createFrameWheel } from '#demo/frame-wheel.ts';
import type { ChaosSystem } from './chaos-system.ts';
import type { CallEvidence, Evidence } from './evidence.ts';
import type { Fault, Killed } from './faults.ts';
import { judgeCall, judgeEnded, lostTransitions, type Breach } from './judge.ts';
import { callIn, patientLookUp, type Peer } from './peer.ts';
import type { Random } from './random.ts';
import { callerHzOf } from './watermark.ts';

export type RoundReport = {
  round: number;
  fault: string;
  isKillOfApplication: boolean;
  calls: number;
  /** Ended by a fault that may end calls. */
  ended: number;
  lost: number;
  /** Of each call that lived on, milliseconds. */
  packetGaps: number[];
  conversationGaps: number[];
  transitionsLost: number;
  duplicates: number;
  breaches: Breach[];
};

export type ChaosRun = {
  system: ChaosSystem;
  evidence: Evidence;
  random: Random;
  calls: number;
  stopSeconds: number;
  questions: readonly Uint8Array[];
  say: (line: string) => void;
  /** Puts away what is known of the call with this number. */
  keep: (number: string, lines: readonly string[]) => void;
};

const LOOK_UP_MS = 30_000;
const DIALLING_AT_ONCE = 5;
const WELL_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 10_000;
const SETTLE_POLL_MS = 250;
const HEARD_WITHIN_MS = 300;

const ms = (at: number): number => Math.round(at);

export const createRounds = (run: ChaosRun) => {
  const { system, evidence, random, say } = run;
  const wheel = createFrameWheel();
  const killed: Killed[] = [];
  let peers: Peer[] = [];
  let traceChecked = 0;
  let nextNumber = 1;

  const findCallId = (sipCallId: string): Promise<string> =>
    patientLookUp(
      async () => (await evidence.calls()).find((call) => call.sipCallId === sipCallId)?.callId ?? null,
      LOOK_UP_MS,
    );

  /** New calls may be refused while a part is away; nobody has to be called back at once. */
  const dial = async (until = performance.now() + WELL_WITHIN_MS): Promise<Peer> => {
    const number = `+3598870${String(nextNumber++).padStart(5, '0')}`;
    try {
      return await callIn({ sip: system.sip, number, wheel, questions: run.questions, findCallId });
    } catch (error) {
      if (performance.now() > until) throw error;
      await pause(1_000);
      return dial(until);
    }
  };

  /** As many calls as there are to be. */
  const fill = async (): Promise<void> => {
    while (peers.length < run.calls) {
      const wanted = Math.min(DIALLING_AT_ONCE, run.calls - peers.length);
      peers.push(...(await Promise.all(Array.from({ length: wanted }, () => dial()))));
    }
  };

  const remove = (gone: readonly Peer[]): void => {
    for (const peer of gone) peer.close();
    peers = peers.filter((peer) => !gone.includes(peer));
  };

  /** The tone is heard now; of a conversation, a question asked since then was answered. */
  const hears = ({ kind, stream, waits }: Peer, since: number): boolean =>
    kind === 'tone'
      ? performance.now() - (stream.lastVoiceAt ?? 0) < HEARD_WITHIN_MS
      : waits.some(({ why, from, to }) => why === 'question' && from > since && to !== null);

  const isHeard = async (among: readonly Peer[]): Promise<Set<string>> => {
    const tones = among.filter(({ kind }) => kind === 'tone');
    const heard = await evidence
      .heardByModel(tones.map(({ callId }) => ({ callId, callerHz: callerHzOf(callId) })))
      .catch(() => new Set<string>());
    // A question that was answered was heard.
    for (const { kind, callId } of among) if (kind === 'dialogue') heard.add(callId);
    return heard;
  };

  const untilWell = async (among: readonly Peer[], since: number): Promise<Peer[]> => {
    const deadline = performance.now() + WELL_WITHIN_MS;
    for (;;) {
      await pause(SETTLE_POLL_MS);
      const deaf = among.filter((peer) => peer.caller.isHungUpByPeer || !hears(peer, since));
      if (deaf.length === 0) {
        const heard = await isHeard(among);
        const mute = among.filter(({ callId }) => !heard.has(callId));
        if (mute.length === 0 || performance.now() > deadline) return mute;
      } else if (performance.now() > deadline || deaf.every(({ caller }) => caller.isHungUpByPeer)) return deaf;
    }
  };

  const rowsOf = (calls: readonly CallEvidence[], peer: Peer) =>
    calls.filter(({ sipCallId }) => sipCallId === peer.sipCallId);

  /** The rows, as soon as those of the given calls are settled, or in the end as they are. */
  const untilSettled = async (ended: readonly Peer[], withinMs: number): Promise<CallEvidence[]> => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const calls = await evidence.calls().catch(() => null);
      const isSettled = (peer: Peer) => {
        const [row] = rowsOf(calls ?? [], peer);
        return row?.state === 'ended' && row.recordings.every(({ state }) => ['published', 'failed'].includes(state));
      };
      if (calls && (ended.every(isSettled) || performance.now() > deadline)) return calls;
      if (performance.now() > deadline + LOOK_UP_MS) throw new Error('The database does not come back.');
      await pause(SETTLE_POLL_MS);
    }
  };

  const checkTrace = async (): Promise<number> => {
    const upTo = system.trace.length;
    // What was traced a moment ago may be under way.
    await pause(1_000);
    const lost = lostTransitions(await evidence.missing(system.trace.slice(traceChecked, upTo)), killed);
    traceChecked = upTo;
    for (const { callId, seq, eventType } of lost.slice(0, 5)) say(`  lost: ${callId} ${seq} ${eventType}`);
    return lost.length;
  };

  const gapsOf = (well: readonly Peer[], since: number) => ({
    packetGaps: well.map(({ stream }) => ms(stream.longestGap('packet', since))),
    conversationGaps: well.flatMap(({ kind, stream, waits }) => {
      if (kind === 'tone') return [ms(stream.longestGap('voice', since))];
      const overlapping = waits.filter(({ to }) => (to ?? Infinity) > since);
      return overlapping.slice(0, 2).map(({ from, to }) => ms((to ?? performance.now()) - from));
    }),
  });

  const round = async (number: number, fault: Fault): Promise<RoundReport> => {
    await fill();
    await untilWell(peers, 0);
    await pause(random.between(500, 4_000));
    const leaving = random.shuffled(peers).slice(0, Math.ceil(run.calls / 15));
    const staying = peers.filter((peer) => !leaving.includes(peer));
    const since = performance.now();
    const goodbyes = leaving.map(async (peer) => {
      await pause(random.between(0, 3_000));
      await peer.end();
    });
    await fault.run({ system, random, killed, stopSeconds: run.stopSeconds });
    await Promise.all(goodbyes);

    const unwell = await untilWell(staying, since);
    const calls = await untilSettled([...leaving, ...(fault.mayEndCalls ? unwell : [])], SETTLED_WITHIN_MS);
    const ended = unwell.filter((peer) => fault.mayEndCalls && rowsOf(calls, peer)[0]?.state === 'ended');
    const lost = unwell.filter((peer) => !ended.includes(peer));
    const well = staying.filter((peer) => !unwell.includes(peer));
    const breaches = [
      ...lost.map((peer) => `${peer.number} (${peer.kind}) was lost; ${describe(peer, rowsOf(calls, peer)[0])}`),
      ...[...staying, ...leaving].flatMap((peer) => judgeCall(peer.number, rowsOf(calls, peer))),
      ...leaving.flatMap((peer) => judgeLeft(peer, rowsOf(calls, peer)[0], !fault.mayEndCalls && !fault.stopsServer)),
      ...well.filter(({ stream }) => stream.foreignBlocks > 0).map(({ number: who }) => `${who} heard a foreign tone`),
    ];
    const report = {
      round: number,
      fault: fault.name,
      isKillOfApplication: fault.isKillOfApplication,
      calls: staying.length,
      ended: ended.length,
      lost: lost.length,
      ...gapsOf(well, since),
      transitionsLost: await checkTrace(),
      duplicates: breaches.filter((breach) => /twice|rows|greeted|recordings$/.test(breach)).length,
      breaches,
    };
    await keepTimelines([...staying, ...leaving], breaches);
    remove([...leaving, ...unwell]);
    return report;
  };

  /** What happened in the calls of which a promise was broken, for whoever has to mend it. */
  const keepTimelines = async (among: readonly Peer[], breaches: readonly Breach[]): Promise<void> => {
    for (const { number, callId } of among) {
      const broken = breaches.filter((breach) => breach.includes(number));
      if (broken.length > 0) run.keep(number, [...broken, ...(await evidence.timeline(callId))]);
    }
  };

  /** Everybody hangs up; what is left of the calls is judged. */
  const finish = async (): Promise<Breach[]> => {
    const all = peers;
    await Promise.all(all.map((peer) => peer.end()));
    const calls = await untilSettled(all, LOOK_UP_MS);
    const breaches = all.flatMap((peer) => [
      ...judgeCall(peer.number, rowsOf(calls, peer)),
      ...judgeLeft(peer, rowsOf(calls, peer)[0], true),
    ]);
    const open = calls.filter(({ state }) => state !== 'ended').map(({ callId }) => `${callId} is still open`);
    const lost = await checkTrace();
    if (lost > 0) breaches.push(`${lost} transitions were lost in the end`);
    await keepTimelines(all, breaches);
    remove(all);
    wheel.stop();
    return [...breaches, ...open];
  };

  return { round, finish };
};

const judgeLeft = (peer: Peer, row: CallEvidence | undefined, isServerSteady: boolean): Breach[] => {
  const { number, endedAt, goodbye } = peer;
  if (!row || endedAt === null) return [];
  return judgeEnded({ number, endedAt, goodbye, isServerSteady }, row);
};

const describe = ({ caller, stream }: Peer, row: CallEvidence | undefined): string => {
  const ago = (at: number | null) => (at === null ? 'never' : `${Math.round(performance.now() - at)} ms ago`);
  return [
    `row ${row?.status ?? 'missing'} ${row?.state ?? ''} ${row?.cause ?? ''}`.trim(),
    caller.isHungUpByPeer ? 'hung up by the other side' : 'not hung up',
    `last packet ${ago(stream.lastPacketAt)}, last voice ${ago(stream.lastVoiceAt)}`,
  ].join(', ');
};
