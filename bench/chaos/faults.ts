/** What is done to the system: each fault resolves when it is over and the launcher has been left to mend it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosSystem, Part } from './chaos-system.ts';
import { signal, withDescendants } from './processes.ts';
import type { Random } from './random.ts';
import type { WorkerBreak } from './worker-order.ts';

/** An application that was killed at this time (epoch ms), by its process id. */
export type Killed = { pid: number; at: number };

export type FaultScene = { system: ChaosSystem; random: Random; killed: Killed[]; stopSeconds: number };

export type Fault = {
  name: string;
  /** The promise of 2 s without a packet and 4 s without a word is measured here. */
  isKillOfApplication: boolean;
  /** A BYE is answered all the time, or late, because somebody stands still, or the dialogs are lost: then calls may end. */
  server: 'steady' | 'stopped' | 'killed';
  run(scene: FaultScene): Promise<void>;
};

const kill = async ({ system, killed }: FaultScene, part: Part): Promise<void> => {
  const pid = await system.pidOf(part);
  if (pid === null) return;
  if (part === 'application') killed.push({ pid, at: Date.now() });
  signal([pid], 'SIGKILL');
};

const stopFor = async ({ system, stopSeconds }: FaultScene, part: Part): Promise<void> => {
  const pid = await system.pidOf(part);
  if (pid === null) return;
  const family = part === 'postgres' ? withDescendants(pid) : [pid];
  signal(family, 'SIGSTOP');
  await pause(stopSeconds * 1_000);
  signal(family, 'SIGCONT');
};

/** Keeps Postgres from coming back by sitting on its port. */
const keepPostgresDown = async (scene: FaultScene, ms: number, meanwhile: () => Promise<void>): Promise<void> => {
  await kill(scene, 'postgres');
  const squatter = createServer((socket) => socket.destroy());
  squatter.on('error', () => undefined);
  const listening = async (): Promise<void> => {
    squatter.listen(scene.system.postgresPort, '127.0.0.1');
    await once(squatter, 'listening').catch(async () => {
      await pause(20);
      await listening();
    });
  };
  await listening();
  await meanwhile();
  await pause(ms);
  squatter.close();
};

const fault = (name: string, run: Fault['run'], traits: Partial<Omit<Fault, 'name' | 'run'>> = {}): Fault => ({
  name,
  run,
  isKillOfApplication: false,
  server: 'steady',
  ...traits,
});

const killing = (part: Part) => (scene: FaultScene) => kill(scene, part);
const breaking = (how: WorkerBreak) => (scene: FaultScene) => scene.system.breakMediaWorker(how);

const DOWN_MS = 6_000;

const terminate = async ({ system }: FaultScene): Promise<void> => {
  const pid = await system.pidOf('application');
  if (pid !== null) signal([pid], 'SIGTERM');
};

const killTwo = async (scene: FaultScene): Promise<void> => {
  const [first, second] = scene.random.shuffled<Part>(['application', 'postgres', 'model']);
  await kill(scene, first!);
  await pause(scene.random.between(0, 800));
  await kill(scene, second!);
};

const killTwice = async (scene: FaultScene): Promise<void> => {
  await kill(scene, 'application');
  const before = scene.killed.at(-1)?.pid;
  for (let pid = await scene.system.pidOf('application'); pid === null || pid === before;) {
    await pause(20);
    pid = await scene.system.pidOf('application');
  }
  await pause(scene.random.between(100, 1_500));
  await kill(scene, 'application');
};

export const FAULTS: readonly Fault[] = [
  fault('kill application', killing('application'), { isKillOfApplication: true }),
  fault('kill Postgres', killing('postgres')),
  fault('kill SIP server', killing('sipServer'), { server: 'killed' }),
  fault('kill model server', killing('model')),
  // The SIP server notices within a second; the BYE that came in that second ends its call when the application goes on.
  fault('stop application', (scene) => stopFor(scene, 'application'), { server: 'stopped' }),
  fault('stop Postgres', (scene) => stopFor(scene, 'postgres')),
  fault('stop SIP server', (scene) => stopFor(scene, 'sipServer'), { server: 'stopped' }),
  fault('media worker throws', breaking('throw')),
  fault('media worker exits', breaking('exit')),
  fault('media worker loops', breaking('loop')),
  fault('SIGTERM', terminate),
  fault('Postgres down, kill application', (scene) =>
    keepPostgresDown(scene, DOWN_MS, async () => {
      await pause(scene.random.between(200, 2_000));
      await kill(scene, 'application');
    }),
  ),
  fault('two at once', killTwo),
  fault('kill application twice', killTwice),
];

/** The faults of a run: each in turn, in an order by chance, and again in another one. */
export const planFaults = (random: Random, rounds: number, only: string | null): Fault[] => {
  const known = only === null ? FAULTS : FAULTS.filter(({ name }) => name === only);
  if (known.length === 0) throw new Error(`There is no fault "${only}": ${FAULTS.map(({ name }) => name).join(', ')}.`);
  const plan: Fault[] = [];
  while (plan.length < rounds) plan.push(...random.shuffled(known));
  return plan.slice(0, rounds);
};
