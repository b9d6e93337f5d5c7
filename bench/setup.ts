/** Call set-up: INVITE to 200, through the SIP server, the actor, the barrier and the model's set-up. */
import { percentile } from './percentile.ts';
import { startBenchSystem } from './bench-system.ts';
import { usageOf } from './process-usage.ts';
import { runSipLoad } from './sip-load.ts';

const RATES = [25, 50, 75, 100];
const SECONDS = 10;
const HOLD_MS = 200;
const WARM_UP = { perSecond: 20, calls: 100, holdMs: HOLD_MS };

/** Prints one table. The load, the SIP server, Postgres and the rehearsal server share the machine. */
export const run = async (): Promise<void> => {
  await using bench = await startBenchSystem();
  const { system, udp: target } = bench;
  await runSipLoad({ target, ...WARM_UP });
  const rows = [];
  for (const perSecond of RATES) {
    const pid = system.applicationPid ?? 0;
    const before = usageOf(pid);
    const { setupMs, failures, elapsedMs } = await runSipLoad({
      target,
      perSecond,
      calls: perSecond * SECONDS,
      holdMs: HOLD_MS,
    });
    const after = usageOf(pid);
    rows.push({
      'calls/s offered': perSecond,
      'calls/s answered': ((setupMs.length * 1_000) / elapsedMs).toFixed(1),
      'p50 ms': percentile(setupMs, 0.5).toFixed(1),
      'p95 ms': percentile(setupMs, 0.95).toFixed(1),
      'p99 ms': percentile(setupMs, 0.99).toFixed(1),
      failed: Object.entries(failures)
        .map(([status, count]) => `${status}: ${count}`)
        .join(', '),
      'app CPU ms/call': ((after.cpuMs - before.cpuMs) / (perSecond * SECONDS)).toFixed(1),
    });
  }
  console.table(rows);
};
