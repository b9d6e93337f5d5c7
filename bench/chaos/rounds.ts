/** One round after another: harm the system, see every call go on, look at what was kept of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { createFrameWheel } from '#demo/frame-wheel.ts';
import type { ChaosSystem } from './chaos-system.ts';
import type { CallEvidence, Evidence } from './evidence.ts';
import type { Fault, Killed } from './faults.ts';
import { judgeCall, judgeEnded, lostTransitions, type Breach, type Hangup } from './judge.ts';
import type { ModelControl } from './model-control.ts';
import { callIn, patientLookUp, type Peer } from './peer.ts';
import type { Random } from './random.ts';
import { recordedMs } from './recorded.ts';
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
  model: ModelControl;
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
const TOOLS_AT_ONCE = 1;

const ms = (at: number): number => Math.round(at);

export const createRounds = (run: ChaosRun) => {
  const { system, evidence, random, say } = run;
  const wheel = createFrameWheel();
  const killed: Killed[] = [];
  let peers: Peer[] = [];
  let traceChecked = 0;
  let nextNumber = 1;

  const findCallId = (sipCallId: string): Promise<string> =>
    patientLookUp(() => evidence.findCallId(sipCallId), LOOK_UP_MS);

  /** New calls may be refused while a part is away; nobody has to be called back at once. */
  const dial = async (until = performance.now() + WELL_WITHIN_MS): Promise<Peer> => {
    const number = `+3598870${String(nextNumber++).padStart(5, '0')}`;
    try {
      const { recordOutcome } = run.model;
      return await callIn({ sip: system.sip, number, wheel, questions: run.questions, findCallId, recordOutcome });
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
      : waits.some(({ why, from, isAnswered }) => why === 'question' && from > since && isAnswered);

  const isHeard = async (among: readonly Peer[]): Promise<Set<string>> => {
    const tones = among.filter(({ kind }) => kind === 'tone');
    const heard = await run.model
      .heard(tones.map(({ callId }) => ({ callId, callerHz: callerHzOf(callId) })))
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

  /** True as soon as the calls are over, with their recordings; false when the time has passed before. */
  const untilSettled = async (ended: readonly Peer[], withinMs: number): Promise<boolean> => {
    const ids = ended.map(({ sipCallId }) => sipCallId);
    const deadline = performance.now() + withinMs;
    for (;;) {
      const unsettled = await evidence.unsettled(ids).catch(() => null);
      if (unsettled === 0) return true;
      if (unsettled !== null && performance.now() > deadline) return false;
      if (performance.now() > deadline + LOOK_UP_MS) throw new Error('The database does not come back.');
      await pause(SETTLE_POLL_MS);
    }
  };

  const evidenceOf = (among: readonly Peer[]): Promise<CallEvidence[]> =>
    evidence.calls(among.map(({ sipCallId }) => sipCallId));

  /** Those whose call the SIP server's death has ended; all of them within 10 s of its return. */
  const untilServerIsBack = async (among: readonly Peer[]): Promise<Peer[]> => {
    await patientLookUp(async () => (isConnected(await system.health()) ? true : null), WELL_WITHIN_MS);
    await untilSettled(among, SETTLED_WITHIN_MS);
    const open = new Set(await evidence.open());
    return among.filter(({ sipCallId }) => !open.has(sipCallId));
  };

  const checkTrace = async (): Promise<number> => {
    const upTo = system.trace.length;
    // What was traced a moment ago may be under way.
    await pause(1_000);
    const lost = lostTransitions(await evidence.missing(system.trace.slice(traceChecked, upTo)), killed);
    traceChecked = upTo;
    for (const { pid, at, callId, seq, eventType } of lost.slice(0, 5)) {
      const age = killed.find((kill) => kill.pid === pid)?.at ?? NaN;
      say(`  lost: ${callId} ${seq} ${eventType}, ${Math.round(age - at)} ms before the kill`);
    }
    return lost.length;
  };

  const gapsOf = (well: readonly Peer[], since: number) => ({
    packetGaps: well.map(({ stream }) => ms(stream.longestGap('packet', since))),
    conversationGaps: well.flatMap(({ kind, stream, waits }) => {
      if (kind === 'tone') return [ms(stream.longestGap('voice', since))];
      const overlapping = waits.filter(({ to }) => to > since);
      return overlapping.slice(0, 2).map(({ from, to }) => ms(to - from));
    }),
  });

  const harm = async (fault: Fault, number: number, leaving: readonly Peer[]): Promise<void> => {
    const staying = peers.filter((peer) => !leaving.includes(peer));
    const dialogues = staying.filter(({ kind }) => kind === 'dialogue');
    for (const peer of random.shuffled(dialogues).slice(0, TOOLS_AT_ONCE)) peer.willRecord(`round ${number}`);
    const goodbyes = leaving.map(async (peer) => {
      await pause(random.between(0, 3_000));
      await peer.end();
    });
    await fault.run({ system, random, killed, stopSeconds: run.stopSeconds });
    await Promise.all(goodbyes);
  };

  const round = async (number: number, fault: Fault): Promise<RoundReport> => {
    await fill();
    await untilWell(peers, 0);
    await pause(random.between(500, 4_000));
    const leaving = random.shuffled(peers).slice(0, Math.ceil(run.calls / 15));
    const staying = peers.filter((peer) => !leaving.includes(peer));
    const since = performance.now();
    await harm(fault, number, leaving);

    const ended = fault.server === 'killed' ? await untilServerIsBack(staying) : [];
    const going = staying.filter((peer) => !ended.includes(peer));
    const lost = await untilWell(going, since);
    await untilSettled(leaving, SETTLED_WITHIN_MS);
    const calls = await evidenceOf([...staying, ...leaving]);
    const well = going.filter((peer) => !lost.includes(peer));
    const judgeEach = async (among: readonly Peer[], server: Hangup['server']): Promise<Breach[]> =>
      (await Promise.all(among.map((peer) => judgeLeft(peer, rowsOf(calls, peer)[0], server)))).flat();
    const breaches = [
      ...lost.map((peer) => `${peer.number} (${peer.kind}) was lost; ${describe(peer, rowsOf(calls, peer)[0])}`),
      ...[...staying, ...leaving].flatMap((peer) => judgeCall(peer.number, rowsOf(calls, peer))),
      ...(await judgeEach([...leaving, ...ended], fault.server)),
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
    remove([...leaving, ...ended, ...lost]);
    return report;
  };

  const judgeLeft = async (
    { number, invitedAt, answeredAt, endedAt, goodbye, callId }: Peer,
    row: CallEvidence | undefined,
    server: Hangup['server'],
  ): Promise<Breach[]> => {
    if (!row) return [];
    const recorded = await recordedMs(system.system.dataDirectory, callId);
    // Its caller did not hang up: the SIP server's death did.
    const end = endedAt ?? row.endedAt ?? NaN;
    return judgeEnded({ number, invitedAt, answeredAt, endedAt: end, goodbye, server, recordedMs: recorded }, row);
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
    await untilSettled(all, LOOK_UP_MS);
    const calls = await evidenceOf(all);
    const ends = await Promise.all(all.map((peer) => judgeLeft(peer, rowsOf(calls, peer)[0], 'steady')));
    const breaches = [...all.flatMap((peer) => judgeCall(peer.number, rowsOf(calls, peer))), ...ends.flat()];
    const open = (await evidence.open()).map((id) => `${id} is still open`);
    const lost = await checkTrace();
    if (lost > 0) breaches.push(`${lost} transitions were lost in the end`);
    await keepTimelines(all, breaches);
    remove(all);
    wheel.stop();
    return [...breaches, ...open];
  };

  return { round, finish };
};

const isConnected = (health: Record<string, unknown> | null): boolean =>
  JSON.stringify(health?.['parts'] ?? null).includes('"sip":{"status":"ok"');

const describe = ({ caller, stream }: Peer, row: CallEvidence | undefined): string => {
  const ago = (at: number | null) => (at === null ? 'never' : `${Math.round(performance.now() - at)} ms ago`);
  return [
    `row ${row?.status ?? 'missing'} ${row?.state ?? ''} ${row?.cause ?? ''}`.trim(),
    caller.isHungUpByPeer ? 'hung up by the other side' : 'not hung up',
    `last packet ${ago(stream.lastPacketAt)}, last voice ${ago(stream.lastVoiceAt)}`,
  ].join(', ');
};
