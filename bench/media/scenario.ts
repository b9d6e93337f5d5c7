/** One measurement: so many calls in one application, from the first INVITE to the last BYE. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBenchSystem } from '../bench-system.ts';
import { percentile } from '../percentile.ts';
import { usageOf } from '../process-usage.ts';
import { startCallers } from './load-callers.ts';
import { epochNow } from './load-leg.ts';
import type { LoadAnswer } from './load-protocol.ts';
import { watchMachineSpeed } from './machine-speed.ts';
import { startModelServer, type ModelServer } from './model-server.ts';
import { chunkDelaysMs, cutRuns, firstPackets, flagStopsMs, onsetStops } from './timings.ts';

export type Scenario = {
  calls: number;
  /** The control thread is blocked 15 ms in every 100. */
  isBlocked: boolean;
  /** Length of the undisturbed stretch in which CPU, memory, jitter and latencies are taken. */
  seconds: number;
  env?: Record<string, string>;
};

/** The agent's turns: tones of this length, sent six times faster than they play, with short pauses. */
const TURN_MS = 5_000;
const PAUSE_MS = 200;
const SETTLE_MS = TURN_MS + 3_000;
const INTERRUPT_EVERY_MS = 30;
const AFTER_INTERRUPTS_MS = 1_500;
const BARGE_IN_WITHIN_MS = 6_000;

const BLOCKED_APPLICATION = fileURLToPath(new URL('./blocked-application.ts', import.meta.url));

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const watchUsage = (pid: number) => {
  const rssMb: number[] = [];
  const timer = setInterval(() => rssMb.push(usageOf(pid).rssMb), 1_000);
  const before = { ...usageOf(pid), at: performance.now() };
  return () => {
    clearInterval(timer);
    const elapsedMs = performance.now() - before.at;
    return { cores: (usageOf(pid).cpuMs - before.cpuMs) / elapsedMs, rssMb: percentile(rssMb, 0.5) };
  };
};

const perCall = <T>(answer: LoadAnswer, read: (leg: LoadAnswer['legs'][number], index: number) => readonly T[]): T[] =>
  answer.legs.flatMap((leg, index) => read(leg, index));

const interruptAll = async (model: ModelServer): Promise<void> => {
  for (const { id } of await model.sessions()) {
    await model.interrupt(id);
    await delay(INTERRUPT_EVERY_MS);
  }
  await delay(AFTER_INTERRUPTS_MS);
};

const figures = (values: readonly number[], ...shares: number[]): string =>
  shares.map((share) => percentile(values, share).toFixed(1)).join(' / ');

/** Runs one scenario; resolves with its table, name of a figure to its value. */
export const runScenario = async ({ calls, isBlocked, seconds, env }: Scenario): Promise<Record<string, string>> => {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer());
  const directives = `[[rehearsal:tone=440,on=${TURN_MS},off=${PAUSE_MS}]]`;
  const { system, udp } = opened.use(
    await startBenchSystem(
      { AGENT_INSTRUCTION: directives, MODEL_CHUNK_MS: '40', INACTIVITY_SECONDS: '600', ...model.env, ...env },
      isBlocked ? { application: BLOCKED_APPLICATION } : {},
    ),
  );
  const pid = system.applicationPid ?? 0;
  await delay(2_000);
  const idle = usageOf(pid);

  const callers = opened.use(startCallers({ sipTarget: udp, calls }));
  say(`  placing ${calls} calls`);
  const { failures, legs } = await callers.ask({ type: 'place' });
  say(`  ${legs.length} answered; greeting`);
  await delay(SETTLE_MS);
  const before = await callers.ask({ type: 'report' });
  const startedAt = epochNow();

  say(`  measuring for ${seconds} s`);
  const speed = watchMachineSpeed();
  const usage = watchUsage(pid);
  const steady = await callers.ask({ type: 'measure', forMs: seconds * 1_000 });
  const { cores, rssMb } = usage();
  const workMs = speed();
  const sessions = (await model.sessions()).filter(({ state }) => state === 'live');
  const since = sessions.map((session) => ({ ...session, marks: session.marks.filter(({ at }) => at > startedAt) }));
  const chunks = perCall(steady, ({ sounds }, index) => (since[index] ? chunkDelaysMs(sounds, since[index]) : []));
  const firsts = perCall(steady, ({ runs }, index) => (since[index] ? firstPackets(runs, since[index]) : []));
  const cut = steady.legs.reduce((sum, { runs }) => sum + cutRuns(runs, TURN_MS, epochNow()), 0);
  const counted = (name: 'lost' | 'late') =>
    steady.legs.reduce((sum, { counts }, index) => sum + counts[name] - (before.legs[index]?.counts[name] ?? 0), 0);

  say('  the model interrupts');
  await callers.ask({ type: 'report' });
  await interruptAll(model);
  const flagged = await callers.ask({ type: 'report' });
  const interrupted = (await model.sessions()).filter(({ state }) => state === 'live');
  const flags = perCall(flagged, ({ runs }, index) =>
    interrupted[index] ? flagStopsMs(runs, interrupted[index]) : [],
  );

  say('  the callers barge in');
  await callers.ask({ type: 'report' });
  const barged = await callers.ask({ type: 'bargeIn', withinMs: BARGE_IN_WITHIN_MS });
  const onsets = barged.legs.map(({ runs, sounds }) => onsetStops(runs, sounds));
  const stops = onsets.flatMap(({ stopsMs }) => stopsMs);
  const missed = onsets.reduce((sum, each) => sum + each.missed, 0);

  say('  hanging up');
  if (system.applicationPid !== pid) throw new Error('The application was restarted in the middle.');
  await callers.ask({ type: 'hangUp' });
  const live = legs.length;
  const runs = steady.legs.reduce((sum, leg) => sum + leg.runs.length, 0);
  return {
    'calls (refused)': `${live} (${JSON.stringify(failures)})`,
    'CPU % of a core per call': ((cores * 100) / live).toFixed(3),
    'CPU % of a core, all': (cores * 100).toFixed(1),
    'MB per call': ((rssMb - idle.rssMb) / live).toFixed(3),
    'MB idle, with calls': `${idle.rssMb.toFixed(0)}, ${rssMb.toFixed(0)}`,
    'send jitter ms p50 / p99 / p99.9 / max': figures([...steady.deviationsMs], 0.5, 0.99, 0.999, 1),
    'packets measured': String(steady.deviationsMs.length),
    'packets lost, late': `${counted('lost')}, ${counted('late')}`,
    'chunk in → model ms p50 / p95 / p99': `${figures(chunks, 0.5, 0.95, 0.99)} (${chunks.length})`,
    'model → first packet ms p50 / p95 / p99': `${figures(
      firsts.map(({ delayMs }) => delayMs),
      0.5,
      0.95,
      0.99,
    )} (${firsts.length})`,
    'of these beyond the next due packet': String(firsts.filter(({ lateMs }) => lateMs > 0).length),
    'interrupted → last voiced ms p50 / p95 / p99': `${figures(flags, 0.5, 0.95, 0.99)} (${flags.length})`,
    'caller onset → last voiced ms p50 / p95': `${figures(stops, 0.5, 0.95)} (${stops.length}, missed ${missed})`,
    'false stops': `${cut} of ${runs} turns`,
    'CPU ms of a fixed piece of work': workMs.toFixed(2),
  };
};
