/** The whole system on free ports in a temporary data folder, for benchmarks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem, type System, type SystemOptions } from '#app/launcher/start-system.ts';

export type BenchSystem = AsyncDisposable & { system: System; udp: { host: string; port: number } };

/** `env` goes on top of what every benchmark has. Problems that the programs log are shown. */
export const startBenchSystem = async (
  env: Record<string, string> = {},
  programs: SystemOptions['programs'] = {},
): Promise<BenchSystem> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-bench-'));
  const system = await startSystem({
    env: {
      DATABASE_URL: '',
      DRACHTIO_HOST: '',
      GEMINI_API_KEY: '',
      GEMINI_BASE_URL: '',
      DATA_DIR: dataDirectory,
      HTTP_PORT: '0',
      DRACHTIO_PORT: '0',
      REHEARSAL_PORT: '0',
      SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0',
      MAX_CALLS: '5000',
      DRAIN_SECONDS: '0',
      LOG_LEVEL: 'error',
      ...env,
    },
    programs,
    onLog: (part, line) => process.stderr.write(`${part}: ${line}\n`),
  });
  const udp = system.addresses.sip.find(({ protocol }) => protocol === 'udp');
  if (!udp) throw new Error('The SIP server does not listen on UDP.');
  return {
    system,
    udp,
    [Symbol.asyncDispose]: async () => {
      await system.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
};
