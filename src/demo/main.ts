/** `npm run demo`: the whole system on free ports in a temporary folder, one real call, every promise checked. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSystem } from '#app/launcher/start-system.ts';
import type { System } from '#app/launcher/start-system.ts';
import { startRelay, STATELY_INSPECTOR } from '#app/relay/relay.ts';
import { isolatedSettings } from './isolated-settings.ts';
import { keepCalling } from './keep-calling.ts';
import { runDemo } from './run-demo.ts';

const LIMIT_MS = 110_000;
const RECORDINGS = 'sessions';
const SAME_PRESS_MS = 1_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Aborts on the first Ctrl-C; a terminal and npm each deliver it, so only a later one is the second and ends all at once. */
const interrupts = (): AbortSignal => {
  const stopping = new AbortController();
  let since = 0;
  const onSignal = () => {
    if (stopping.signal.aborted && Date.now() - since > SAME_PRESS_MS) process.exit(130);
    if (!stopping.signal.aborted) since = Date.now();
    stopping.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return stopping.signal;
};

/** Everything but the recordings goes. */
const tidy = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (name !== RECORDINGS) await rm(join(folder, name), { recursive: true, force: true });
  }
};

const ACCOUNT = { username: 'demo', password: randomBytes(9).toString('base64url') };

const accountSettings = {
  SUPERADMIN_USERNAME: ACCOUNT.username,
  SUPERADMIN_PASSWORD: ACCOUNT.password,
  SUPERADMIN_EMAIL: 'demo@example.com',
};

const keepRunning = async (system: System, stopping: AbortSignal): Promise<void> => {
  const { http, sip, rehearsal } = system.addresses;
  const application = new URL(http);
  const inspector = new URL(STATELY_INSPECTOR);
  const relay = await startRelay({ application, token: system.apiToken, inspector, port: 0 });
  say('\nThe system goes on until Ctrl-C, with a caller who keeps asking:');
  say(`  console    ${http}/console  log in as ${ACCOUNT.username} with ${ACCOUNT.password}`);
  say('             then "Statechart" in the row of the call shows its machines as they go');
  say(`  inspector  ${relay.url}  (Stately's, which is on the internet; the console has statecharts of its own)`);
  say(`  HTTP API   ${http}/docs?access_token=${system.apiToken}`);
  say(`  SIP        ${sip.map(({ protocol, host, port }) => `sip:${host}:${port};transport=${protocol}`).join('  ')}`);
  say(`  rehearsal  ${rehearsal ?? 'not running'}`);
  say(`  data       ${system.dataDirectory}`);
  await keepCalling(system, stopping);
  await relay.close();
};

const interruption = async (stopping: AbortSignal): Promise<never> => {
  await once(stopping, 'abort');
  throw new Error('it was interrupted.');
};

const callAndCheck = async (system: System): Promise<boolean> => {
  const checks = await runDemo(system, say);
  say('\nChecks');
  for (const { name, failure } of checks)
    say(`  ${failure === null ? 'ok  ' : 'FAIL'}  ${name}${failure === null ? '' : `: ${failure}`}`);
  const failed = checks.filter(({ failure }) => failure !== null);
  say(failed.length === 0 ? '\nThe demo passed.' : `\nThe demo failed: ${failed.map(({ name }) => name).join('; ')}.`);
  return failed.length === 0;
};

const run = async (): Promise<boolean> => {
  const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-demo-'));
  const stopping = interrupts();
  const logged: string[] = [];
  const system = await startSystem({
    env: { ...isolatedSettings(folder), ...(values.keep ? accountSettings : {}) },
    envFile: join(folder, 'none.env'),
    onLine: say,
    onLog: (part, line) => logged.push(`${part}: ${line}`),
    signal: stopping,
    hasConsole: values.keep,
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw stopping.aborted ? new Error('it was interrupted.') : error;
  });
  const limit = setTimeout(() => {
    say(`The demo failed: it was not over after ${LIMIT_MS / 1000} s.`);
    system.kill();
    process.exit(1);
  }, LIMIT_MS);
  const showLog = () =>
    say(
      `\nLog of the parts\n${logged
        .slice(-40)
        .map((line) => `  ${line}`)
        .join('\n')}`,
    );
  try {
    const isPassed = await Promise.race([callAndCheck(system), interruption(stopping)]).catch((error: unknown) => {
      say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    });
    clearTimeout(limit);
    if (stopping.aborted) return false;
    if (!isPassed) showLog();
    if (values.keep) await keepRunning(system, stopping);
    return isPassed;
  } finally {
    clearTimeout(limit);
    await system.stop();
    await tidy(folder);
  }
};

run().then(
  (isPassed) => process.exit(isPassed ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`The demo could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
