/** Calls that one application places: how many a second with the row durable, and how soon the callee hears the agent. */
import { cpus, totalmem } from 'node:os';
import { loadClips } from '#gemini/rehearsal/clips.ts';
import { startBenchSystem } from './bench-system.ts';
import { openCallees, type CalleeCall, type Callees, type Manner } from './dial/callees.ts';
import { addTrunk, greetFromClips, placeCalls, type Placed } from './dial/orders.ts';
import { watchMachine } from './media/machine-load.ts';
import { percentile } from './percentile.ts';
import { usageOf } from './process-usage.ts';
import type { System } from '#app/launcher/start-system.ts';

const RATES = [10, 25, 50, 75];
const SECONDS = 10;
const SHORT: Manner = { ringMs: 0, audioAfterMs: null, holdMs: 500 };
const WARM_UP = { perSecond: 10, calls: 50, manner: SHORT };

const GREETED = { perSecond: 2, calls: 40 };
/** Twice the greeting: a second one would be heard. */
const HOLD_MS = 14_000;
/** Callees, and how long after their 200 the greeting is due where no audio of theirs comes. */
const GREETING_CASES: readonly { name: string; manner: Manner; silentForMs: number; isClip?: true }[] = [
  {
    name: 'rings, audio with the answer',
    manner: { ringMs: 1_000, audioAfterMs: 0, holdMs: HOLD_MS },
    silentForMs: 700,
  },
  { name: 'rings, sends no audio', manner: { ringMs: 1_000, audioAfterMs: null, holdMs: HOLD_MS }, silentForMs: 700 },
  {
    name: 'gateway that answers at once, audio after 2 s',
    manner: { ringMs: null, audioAfterMs: 2_000, holdMs: HOLD_MS },
    silentForMs: 4_000,
  },
  {
    name: 'gateway that answers at once, no audio',
    manner: { ringMs: null, audioAfterMs: null, holdMs: HOLD_MS + 4_000 },
    silentForMs: 4_000,
  },
  {
    name: 'rings, audio with the answer; greeted from a clip',
    manner: { ringMs: 1_000, audioAfterMs: 0, holdMs: HOLD_MS },
    silentForMs: 700,
    isClip: true,
  },
];

const shown = (values: readonly number[], ...shares: number[]): string =>
  shares.map((share) => percentile(values, share).toFixed(1)).join(' / ');

const failuresOf = ({ failures }: Placed): string =>
  Object.entries(failures)
    .map(([why, count]) => `${why}: ${count}`)
    .join(', ');

const span = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** Milliseconds from 200 to the first packet; the callees that heard nothing are left out and counted. */
const firstPackets = (calls: readonly CalleeCall[]): number[] =>
  calls.flatMap(({ answeredAt, firstPacketAt }) =>
    answeredAt === null || firstPacketAt === null ? [] : [firstPacketAt - answeredAt],
  );

const measureRates = async (system: System, callees: Callees): Promise<Record<string, unknown>[]> => {
  const pid = system.applicationPid ?? 0;
  const rows = [];
  for (const perSecond of RATES) {
    process.stderr.write(`  ${perSecond} calls/s\n`);
    const before = usageOf(pid).cpuMs;
    const watched = watchMachine();
    const count = perSecond * SECONDS;
    const placed = await placeCalls(system, callees, { perSecond, calls: count, manner: SHORT });
    const { calls, acceptedMs } = placed;
    const packets = firstPackets(calls);
    rows.push({
      'calls/s ordered': perSecond,
      'INVITEs/s': ((calls.length - 1) / (span(calls.map(({ invitedAt }) => invitedAt)) / 1_000)).toFixed(1),
      'order to 201, ms p50 / p95': shown(acceptedMs, 0.5, 0.95),
      'order to INVITE, ms p50 / p95': shown(
        calls.map(({ invitedAt, orderedAt }) => invitedAt - orderedAt),
        0.5,
        0.95,
      ),
      '200 to first packet, ms p50 / p95': shown(packets, 0.5, 0.95),
      'not talked to': calls.length - packets.length,
      failed: failuresOf(placed),
      'app CPU ms/call': ((usageOf(pid).cpuMs - before) / count).toFixed(1),
      'machine idle %': watched().idle.toFixed(0),
    });
  }
  return rows;
};

const WITH_WORDS = { call_config: { greeting_instruction: 'Good day, this is [caller_name].' } };

/** The first call has it made. */
const makeClip = async (system: System, callees: Callees): Promise<void> => {
  await greetFromClips(system);
  const manner = { ringMs: 5_000, audioAfterMs: null, holdMs: 500 };
  await placeCalls(system, callees, { perSecond: 1, calls: 1, manner, metadata: WITH_WORDS });
};

const thereAt = ({ answeredAt, audioAt }: CalleeCall, silentForMs: number): number =>
  Math.min(audioAt ?? Number.POSITIVE_INFINITY, (answeredAt ?? 0) + silentForMs);

const measureGreetings = async (system: System, callees: Callees): Promise<Record<string, unknown>[]> => {
  const clip = (await loadClips()).find(({ id }) => id === 'en/greeting');
  const lengthMs = clip?.durationMs ?? Number.NaN;
  const rows = [];
  for (const { name, manner, silentForMs, isClip } of GREETING_CASES) {
    process.stderr.write(`  ${name}\n`);
    if (isClip) await makeClip(system, callees);
    const placed = await placeCalls(system, callees, { ...GREETED, manner, metadata: WITH_WORDS });
    const heard = placed.calls.flatMap((call) =>
      call.firstVoiceAt === null ? [] : [{ ...call, firstVoiceAt: call.firstVoiceAt }],
    );
    const times = heard.map(({ lastVoiceAt, firstVoiceAt }) => (lastVoiceAt - firstVoiceAt) / lengthMs);
    const waits = heard.map((call) => call.firstVoiceAt - thereAt(call, silentForMs));
    rows.push({
      callee: name,
      calls: placed.calls.length,
      'callee there to greeting, ms p50 / p95 / max': shown(waits, 0.5, 0.95, 1),
      '200 to greeting, ms p50 / p95': shown(
        heard.map(({ firstVoiceAt, answeredAt }) => firstVoiceAt - (answeredAt ?? 0)),
        0.5,
        0.95,
      ),
      'not greeted': placed.calls.length - heard.length,
      'greetings heard, min / max': shown(times, 0, 1),
      failed: failuresOf(placed),
    });
  }
  return rows;
};

/** Prints two tables. Callees, SIP server, Postgres and the rehearsal server share the machine. */
export const run = async (): Promise<void> => {
  await using bench = await startBenchSystem({ AGENT_LANGUAGE: 'en-US' });
  await using callees = await openCallees();
  const { system } = bench;
  await addTrunk(system, callees);
  await placeCalls(system, callees, WARM_UP);
  const rates = await measureRates(system, callees);
  const greetings = await measureGreetings(system, callees);
  const gigabytes = (totalmem() / 1024 ** 3).toFixed(0);
  console.log(`\n${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${gigabytes} GB, Node ${process.version}`);
  console.log(`Calls placed over HTTP, ${SECONDS} s at each rate:`);
  console.table(rates);
  console.log(`The greeting, ${GREETED.calls} calls each, ${GREETED.perSecond} a second:`);
  console.table(greetings);
};
