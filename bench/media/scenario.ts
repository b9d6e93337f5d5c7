/** One measurement: so many calls in one application, from the first INVITE to the last BYE. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBenchSystem } from '../bench-system.ts';
import { percentile } from '../percentile.ts';
import { usageOf } from '../process-usage.ts';
import type { SessionRecord } from '#gemini/rehearsal/session-record.ts';
import { startCallers, type LoadCallers } from './load-callers.ts';
import { epochNow, type LegReport } from './load-leg.ts';
import { watchMachine } from './machine-load.ts';
import { startModelServer, type ModelServer } from './model-server.ts';
import { chunkDelaysMs, cutRuns, firstPackets, flagStopsMs, onsetStops } from './timings.ts';

export type Scenario = {
  calls: number;
  /** The control thread is blocked 15 ms in every 100. */
  isBlocked: boolean;
  /** Length of the undisturbed stretch in which CPU, memory, jitter and latencies are taken. */
  seconds: number;
  /** Settings of the application on top of the benchmark's. */
  env?: Record<string, string>;
};

/** Name of a figure to its value. */
export type Table = Record<string, string>;

type Parties = { pid: number; model: ModelServer; callers: LoadCallers };

/** The agent's turns: tones of this length, sent six times faster than they play, with short pauses. */
const TURN_MS = 5_000;
const PAUSE_MS = 200;
const FRAME_MS = 20;
const SETTLE_MS = TURN_MS + 3_000;
const IDLE_MS = 2_000;
const INTERRUPT_EVERY_MS = 30;
const AFTER_INTERRUPTS_MS = 1_500;
const BARGE_IN_WITHIN_MS = 6_000;

const BLOCKED_APPLICATION = fileURLToPath(new URL('./blocked-application.ts', import.meta.url));

const say = (text: string): void => void process.stderr.write(`  ${text}\n`);

const figures = (values: readonly number[], ...shares: number[]): string =>
  shares.map((share) => percentile(values, share).toFixed(1)).join(' / ');

const watchUsage = (pid: number) => {
  const rssMb: number[] = [];
  const timer = setInterval(() => rssMb.push(usageOf(pid).rssMb), 1_000);
  const before = { ...usageOf(pid), at: performance.now() };
  return () => {
    clearInterval(timer);
    const elapsedMs = performance.now() - before.at;
    return { elapsedMs, cores: (usageOf(pid).cpuMs - before.cpuMs) / elapsedMs, rssMb: percentile(rssMb, 0.5) };
  };
};

/** Calls and sessions lie in the same order, as the calls were placed one after the other. */
const perCall = <T>(
  legs: readonly LegReport[],
  sessions: readonly SessionRecord[],
  read: (leg: LegReport, session: SessionRecord) => readonly T[],
): T[] =>
  legs.flatMap((leg, index) => {
    const session = sessions[index];
    return session === undefined ? [] : read(leg, session);
  });

const liveSessions = async (model: ModelServer, sinceAt: number): Promise<SessionRecord[]> =>
  (await model.sessions())
    .filter(({ state }) => state === 'live')
    .map((session) => ({ ...session, marks: session.marks.filter(({ at }) => at >= sinceAt) }));

const summed = (legs: readonly LegReport[], count: (leg: LegReport) => number): number =>
  legs.reduce((sum, leg) => sum + count(leg), 0);

const measureSteady = async ({ pid, model, callers }: Parties, seconds: number, idleMb: number): Promise<Table> => {
  say(`measuring for ${seconds} s`);
  const before = (await callers.ask({ type: 'report' })).legs;
  const startedAt = epochNow();
  const [usage, machine] = [watchUsage(pid), watchMachine()];
  const { deviationsMs, legs } = await callers.ask({ type: 'measure', forMs: seconds * 1_000 });
  const [{ cores, rssMb, elapsedMs }, { idle, stolen }] = [usage(), machine()];
  const sessions = await liveSessions(model, startedAt);
  const chunks = perCall(legs, sessions, ({ sounds }, session) => chunkDelaysMs(sounds, session));
  const firsts = perCall(legs, sessions, ({ runs }, session) => firstPackets(runs, session));
  const [lost, late, received] = (['lost', 'late', 'received'] as const).map(
    (name) => summed(legs, ({ counts }) => counts[name]) - summed(before, ({ counts }) => counts[name]),
  );
  const now = epochNow();
  const delays = firsts.map(({ delayMs }) => delayMs);
  return {
    'CPU % of a core per call': ((cores * 100) / legs.length).toFixed(3),
    'CPU % of a core, all': (cores * 100).toFixed(1),
    'MB per call': ((rssMb - idleMb) / legs.length).toFixed(3),
    'MB idle, with calls': `${idleMb.toFixed(0)}, ${rssMb.toFixed(0)}`,
    'send jitter ms p50 / p99 / p99.9 / max': figures([...deviationsMs], 0.5, 0.99, 0.999, 1),
    'packets received, of those due': `${received}, ${((100 * (received ?? 0) * FRAME_MS) / (legs.length * elapsedMs)).toFixed(1)} %`,
    'packets lost, late': `${lost}, ${late}`,
    'chunk in → model ms p50 / p95 / p99': `${figures(chunks, 0.5, 0.95, 0.99)} (${chunks.length})`,
    'model → first packet ms p50 / p95 / p99': `${figures(delays, 0.5, 0.95, 0.99)} (${firsts.length})`,
    'of these not in the next packet': String(firsts.filter(({ isLate }) => isLate).length),
    'false stops': `${summed(legs, ({ runs }) => cutRuns(runs, TURN_MS, now))} of ${summed(legs, ({ runs }) => runs.length)} turns`,
    'machine idle, stolen by its host': `${idle.toFixed(0)} %, ${stolen.toFixed(0)} %`,
  };
};

const measureFlag = async ({ model, callers }: Parties): Promise<Table> => {
  say('the model interrupts');
  await callers.ask({ type: 'report' });
  const startedAt = epochNow();
  for (const { id } of await liveSessions(model, startedAt)) {
    await model.interrupt(id);
    await delay(INTERRUPT_EVERY_MS);
  }
  await delay(AFTER_INTERRUPTS_MS);
  const { legs } = await callers.ask({ type: 'report' });
  const stops = perCall(legs, await liveSessions(model, startedAt), ({ runs }, session) => flagStopsMs(runs, session));
  return { 'interrupted → last voiced ms p50 / p95 / p99': `${figures(stops, 0.5, 0.95, 0.99)} (${stops.length})` };
};

const measureOnset = async ({ callers }: Parties): Promise<Table> => {
  say('the callers barge in');
  await callers.ask({ type: 'report' });
  const { legs } = await callers.ask({ type: 'bargeIn', withinMs: BARGE_IN_WITHIN_MS });
  const onsets = legs.map(({ runs, sounds }) => onsetStops(runs, sounds));
  const stops = onsets.flatMap(({ stopsMs }) => stopsMs);
  const missed = onsets.reduce((sum, each) => sum + each.missed, 0);
  return {
    'caller onset → last voiced ms p50 / p95': `${figures(stops, 0.5, 0.95)} (${stops.length}, ${missed} missed)`,
  };
};

/** Runs one scenario from start to end. */
export const runScenario = async ({ calls, isBlocked, seconds, env }: Scenario): Promise<Table> => {
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
  const callers = opened.use(startCallers({ sipTarget: udp, calls }));
  await delay(IDLE_MS);
  const idleMb = usageOf(pid).rssMb;

  say(`placing ${calls} calls`);
  const { failures, legs } = await callers.ask({ type: 'place' });
  await delay(SETTLE_MS);
  const parties = { pid, model, callers };
  const table = {
    'calls answered, refused': `${legs.length}, ${JSON.stringify(failures)}`,
    ...(await measureSteady(parties, seconds, idleMb)),
    ...(await measureFlag(parties)),
    ...(await measureOnset(parties)),
  };
  say('hanging up');
  if (system.applicationPid !== pid) throw new Error('The application was restarted in the middle.');
  await callers.ask({ type: 'hangUp' });
  return table;
};
