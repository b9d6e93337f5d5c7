/** What it costs to look on: the live board with many calls and the statechart of one of them, in the browser and in the application. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { buildConsole } from '#app/launcher/console-build.ts';
import { startBenchSystem } from './bench-system.ts';
import { startCallers } from './media/load-callers.ts';
import { startModelServer } from './media/model-server.ts';
import { usageOf } from './process-usage.ts';

const CALLS = Number(process.argv[3] ?? 200);
const ROUNDS = Number(process.argv[4] ?? 3);
const SECONDS = Number(process.argv[5] ?? 10);
const SETTLE_MS = 4_000;
/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;
const ACCOUNT = { username: 'bench', password: 'looks-on-at-calls' };
/** The agent talks in turns of 5 s, so that each call changes its state all the time. */
const INSTRUCTION = '[[rehearsal:tone=440,on=5000,off=200]]';

const say = (text: string): void => void process.stderr.write(`  ${text}\n`);

const parentOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
};

/** The process and all below it. */
const familyOf = (root: number): number[] => {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const below = (pid: number): number[] => [
    pid,
    ...pids.filter((other) => other !== pid && parentOf(other) === pid).flatMap(below),
  ];
  return below(root);
};

/** Chromium's own name for what a process does; the page itself runs in a `renderer`, which also paints it. */
const roleOf = (pid: number): string => {
  try {
    return /--type=([\w-]+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? 'browser';
  } catch {
    return 'gone';
  }
};

const cpuMs = (pid: number): number => {
  try {
    return usageOf(pid).cpuMs;
  } catch {
    return 0;
  }
};

/** Of the thread that talks to viewers: what media threads use goes up and down by more than viewers cost. */
const controlThreadMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
};

type Cost = { application: number; control: number; browser: number; roles: Readonly<Record<string, number>> };

/** In % of a core. */
const measure = async (application: number, browser: number): Promise<Cost> => {
  const before = new Map(familyOf(browser).map((pid) => [pid, cpuMs(pid)]));
  const applicationBefore = cpuMs(application);
  const controlBefore = controlThreadMs(application);
  const startedAt = performance.now();
  await delay(SECONDS * 1_000);
  const percent = (ms: number) => (100 * ms) / (performance.now() - startedAt);
  const roles: Record<string, number> = {};
  for (const pid of familyOf(browser)) {
    const role = roleOf(pid);
    roles[role] = (roles[role] ?? 0) + percent(cpuMs(pid) - (before.get(pid) ?? 0));
  }
  return {
    application: percent(cpuMs(application) - applicationBefore),
    control: percent(controlThreadMs(application) - controlBefore),
    browser: Object.values(roles).reduce((sum, value) => sum + value, 0),
    roles,
  };
};

const logIn = async (page: Page, http: string): Promise<void> => {
  await page.goto(`${http}/console/`);
  await page.getByLabel('User name').fill(ACCOUNT.username);
  await page.getByLabel('Password').fill(ACCOUNT.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('tr[data-call]').first().waitFor();
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[]): string =>
  `${meanOf(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;

const LOOKING = ['nobody', 'board', 'both'] as const;
type Looking = (typeof LOOKING)[number];
type Costs = Record<Looking, Cost[]>;

const printCosts = (costs: Costs): void => {
  const rolesOf = (measured: readonly Cost[]) =>
    [...new Set(measured.flatMap(({ roles }) => Object.keys(roles)))]
      .map((role) => `${role} ${meanOf(measured.map(({ roles }) => roles[role] ?? 0)).toFixed(1)}`)
      .join(', ');
  const idle = meanOf(costs.nobody.map(({ application }) => application));
  console.table(
    Object.fromEntries(
      LOOKING.map((who) => {
        const application = costs[who].map((cost) => cost.application);
        return [
          who,
          {
            'application, % of a core': spread(application),
            'more than with nobody, %': (100 * (meanOf(application) / idle - 1)).toFixed(1),
            'of which its control thread': spread(costs[who].map((cost) => cost.control)),
            'browser, % of a core': spread(costs[who].map((cost) => cost.browser)),
            'of which': rolesOf(costs[who]),
          },
        ];
      }),
    ),
  );
};

export const run = async (): Promise<void> => {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer());
  const account = {
    SUPERADMIN_USERNAME: ACCOUNT.username,
    SUPERADMIN_PASSWORD: ACCOUNT.password,
    SUPERADMIN_EMAIL: 'bench@example.com',
  };
  const settings = { AGENT_INSTRUCTION: INSTRUCTION, MODEL_CHUNK_MS: '40', INACTIVITY_SECONDS: '600' };
  const { system, udp } = opened.use(await startBenchSystem({ ...settings, ...account, ...model.env }));
  say(`console: ${await buildConsole(system.dataDirectory, new AbortController().signal)}`);
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  const server = await chromium.launchServer({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  opened.defer(() => server.close());
  const context = await (await chromium.connect(server.wsEndpoint())).newContext();
  const callers = opened.use(startCallers({ sipTarget: udp, calls: CALLS }));
  say(`placing ${CALLS} calls`);
  const { failures, legs } = await callers.ask({ type: 'place' });
  const { http } = system.addresses;
  const [board, chart] = [await context.newPage(), await context.newPage()];
  await logIn(board, http);
  const callId = await board.locator('tr[data-call]').first().getAttribute('data-call');
  const costs: Costs = { nobody: [], board: [], both: [] };
  const [application, browser] = [system.applicationPid ?? 0, server.process().pid ?? 0];
  const show: Record<Looking, () => Promise<void>> = {
    nobody: async () => void (await Promise.all([board.goto('about:blank'), chart.goto('about:blank')])),
    board: async () => {
      await chart.goto('about:blank');
      await board.goto(`${http}/console/`);
      await board.locator('tr[data-call]').first().waitFor();
    },
    both: async () => {
      await show.board();
      await chart.goto(`${http}/console/calls/${callId}/chart`);
      await chart.locator('.statechart .active').first().waitFor();
    },
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`round ${round} of ${ROUNDS}`);
    // There and back again: what drifts weighs on each alike.
    for (const who of [...LOOKING, ...LOOKING.toReversed()]) {
      await show[who]();
      await delay(SETTLE_MS);
      costs[who].push(await measure(application, browser));
    }
  }
  await callers.ask({ type: 'hangUp' });
  if (system.applicationPid !== application) throw new Error('The application was restarted in the middle.');
  console.log(`\n${legs.length} calls (refused: ${JSON.stringify(failures)}), ${2 * ROUNDS} times ${SECONDS} s each`);
  printCosts(costs);
};
