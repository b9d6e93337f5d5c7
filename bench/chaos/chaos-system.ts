/** The system under test, on a folder of its own, with what is needed to look at it and to harm it from outside. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startSystem, type System } from '#app/launcher/start-system.ts';
import { createApiClient, type ApiClient } from '#demo/api-client.ts';
import { isolatedSettings } from '#demo/isolated-settings.ts';
import { clusterPaths } from '#persistence/embedded/cluster.ts';
import { readPostmaster } from '#persistence/embedded/postmaster-file.ts';
import { childRunning } from './processes.ts';
import { readTraceLine, type TracedTransition } from './trace-line.ts';
import { orderFile, orderText, type WorkerBreak } from './worker-order.ts';

export type Part = 'application' | 'sipServer' | 'postgres' | 'model';

export type ChaosSystem = {
  system: System;
  api: ApiClient;
  sip: { host: string; port: number };
  /** Every transition of which an application told, in order. */
  trace: readonly TracedTransition[];
  /** What the launcher said and what the programs logged, with the time. */
  log: readonly string[];
  postgresPort: number;
  /** Null while the part is down. */
  pidOf(part: Part): Promise<number | null>;
  breakMediaWorker(how: WorkerBreak): Promise<void>;
  /** What `/api/v1/health` says, or null when nobody answers. */
  health(): Promise<Record<string, unknown> | null>;
};

const program = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const PROGRAMS = { application: program('./application.ts'), rehearsal: program('./model-server.ts') };
/** Part of the command line of each. */
const COMMANDS = { application: PROGRAMS.application, model: PROGRAMS.rehearsal, sipServer: 'sip/server/main.ts' };
const HEALTH_TIMEOUT_MS = 2_000;

export type ChaosOptions = { dataDirectory: string; env?: Record<string, string>; onLine?: (line: string) => void };

export const startChaosSystem = async ({ dataDirectory, env = {}, onLine }: ChaosOptions): Promise<ChaosSystem> => {
  const trace: TracedTransition[] = [];
  const log: string[] = [];
  const note = (part: string, line: string) => log.push(`${new Date().toISOString()} ${part}: ${line}`);

  const system = await startSystem({
    env: {
      ...isolatedSettings(dataDirectory),
      MAX_CALL_SECONDS: '7200',
      DRAIN_SECONDS: '1',
      LOG_LEVEL: 'info',
      ...env,
    },
    programs: PROGRAMS,
    onLine: (line) => {
      note('launcher', line);
      onLine?.(line);
    },
    onLog: (part, line) => {
      const transition = part === 'application' ? readTraceLine(line) : null;
      if (transition) trace.push(transition);
      else note(part, line);
    },
  });
  const sip = system.addresses.sip.find(({ protocol }) => protocol === 'udp');
  if (!sip) throw new Error('There is no UDP address to call.');

  const postgres = async () => (await readPostmaster(clusterPaths(dataDirectory).cluster))?.pid ?? null;
  const pidOf = (part: Part): Promise<number | null> =>
    part === 'postgres' ? postgres() : Promise.resolve(childRunning(COMMANDS[part]));

  return {
    system,
    api: createApiClient(system.addresses.http, system.apiToken),
    sip: { host: sip.host, port: sip.port },
    trace,
    log,
    postgresPort: Number(new URL(system.addresses.databaseUrl).port),
    pidOf,
    breakMediaWorker: async (how) =>
      writeFile(orderFile(dataDirectory), orderText(how, (await pidOf('application')) ?? 0)),
    health: async () => {
      try {
        const answer = await fetch(`${system.addresses.http}/api/v1/health`, {
          headers: { authorization: `Bearer ${system.apiToken}` },
          signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
        });
        return (await answer.json()) as Record<string, unknown>;
      } catch {
        return null;
      }
    },
  };
};
