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
const SECONDS = 15;
const SETTLE_MS = 5_000;
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

const cpuMs = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    try {
      return sum + usageOf(pid).cpuMs;
    } catch {
      return sum;
    }
  }, 0);

type Cost = { application: number; browser: number };

/** In % of a core. */
const measure = async (application: number, browser: number): Promise<Cost> => {
  const family = familyOf(browser);
  const before = { application: usageOf(application).cpuMs, browser: cpuMs(family), at: performance.now() };
  await delay(SECONDS * 1_000);
  const percent = (ms: number) => (100 * ms) / (performance.now() - before.at);
  return {
    application: percent(usageOf(application).cpuMs - before.application),
    browser: percent(cpuMs(family) - before.browser),
  };
};

const logIn = async (page: Page, http: string): Promise<void> => {
  await page.goto(`${http}/console/`);
  await page.getByLabel('User name').fill(ACCOUNT.username);
  await page.getByLabel('Password').fill(ACCOUNT.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('tr[data-call]').first().waitFor();
};

const mean = (values: readonly number[]): string =>
  (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1);

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
  const costs: Record<'nobody' | 'board' | 'both', Cost[]> = { nobody: [], board: [], both: [] };
  const [application, browser] = [system.applicationPid ?? 0, server.process().pid ?? 0];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`round ${round} of ${ROUNDS}`);
    await Promise.all([board.goto('about:blank'), chart.goto('about:blank')]);
    await delay(SETTLE_MS);
    costs.nobody.push(await measure(application, browser));
    await board.goto(`${http}/console/`);
    await board.locator('tr[data-call]').first().waitFor();
    await delay(SETTLE_MS);
    costs.board.push(await measure(application, browser));
    await chart.goto(`${http}/console/calls/${callId}/chart`);
    await chart.locator('.statechart .active').first().waitFor();
    await delay(SETTLE_MS);
    costs.both.push(await measure(application, browser));
  }
  await callers.ask({ type: 'hangUp' });
  if (system.applicationPid !== application) throw new Error('The application was restarted in the middle.');
  console.log(`\n${legs.length} calls (refused: ${JSON.stringify(failures)}), ${ROUNDS} times ${SECONDS} s each`);
  console.table(
    Object.fromEntries(
      Object.entries(costs).map(([who, measured]) => [
        who,
        {
          'application, % of a core': mean(measured.map((cost) => cost.application)),
          'browser, % of a core': mean(measured.map((cost) => cost.browser)),
        },
      ]),
    ),
  );
};
