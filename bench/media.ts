/** Calls with audio both ways: what they cost the application, and how well it keeps time. */
import { loadavg } from 'node:os';
import { runScenario, type Scenario } from './media/scenario.ts';

const SECONDS = 30;

const SCENARIOS: readonly Scenario[] = [
  { calls: 50, isBlocked: false, seconds: SECONDS },
  { calls: 200, isBlocked: false, seconds: SECONDS },
  { calls: 50, isBlocked: true, seconds: SECONDS },
  { calls: 200, isBlocked: true, seconds: SECONDS },
];

const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

/** `npm run bench -- media 200 blocked` runs that one alone. */
const chosen = (): readonly Scenario[] => {
  const [calls, blocked] = process.argv.slice(3);
  if (calls === undefined) return SCENARIOS;
  return [{ calls: Number(calls), isBlocked: blocked === 'blocked', seconds: SECONDS }];
};

/** Prints one table per scenario. Callers, model server, SIP server and Postgres share the machine. */
export const run = async (): Promise<void> => {
  for (const scenario of chosen()) {
    const name = `${scenario.calls} calls${scenario.isBlocked ? ', control thread blocked 15 ms in every 100' : ''}`;
    process.stderr.write(`${name}\n`);
    const before = load();
    const table = await runScenario(scenario);
    console.log(`\n${name}`);
    console.table({ ...table, 'load average before, after': `${before}, ${load()}` });
  }
};
