/** The console in a real browser, on a whole system with a live call. Its pictures are in `screenshots`. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { toDirectedGraph } from 'xstate/graph';
import { consoleFolders } from '#app/console-folder.ts';
import { createInertMachines } from '#app/inert-machines.ts';
import { buildConsole } from '#app/launcher/console-build.ts';
import { startRelay } from '#app/relay/relay.ts';
import { listenTo } from '#demo/listening.ts';
import { wave } from '../../fakes/session-rig.ts';
import { startTestSystem, type TestCaller, type TestSystem } from '../../fixtures/system/running-system.ts';
import { spokenQuestion } from '../../fixtures/system/spoken-question.ts';
import { openBrowser, type TestBrowser } from './browser.ts';
import { importLeads, keepLead, keepTrunk, makeCampaign, previewPrompt, REFUSED, steerCampaign } from './forms.ts';
import { firstLoad } from './first-load.ts';
import { recordFeed, type RecordedFeed } from './recorded-feed.ts';
import { startInspectorPage } from './stand-in-inspector.ts';

const ROOT = { username: 'root', password: 'root-of-all-calls' };
const TENANT = { username: 'bolt', password: 'bolt-of-no-calls' };
const VOICE_MS = 25_000;
const FIRST_LOAD_BYTES = 300_000;

let trunkline: TestSystem;
let browser: TestBrowser;
let http: string;
let consoleDirectory: string;
let finished: string;
let feed: RecordedFeed;

const at = (path: string): string => `${http}/console${path}`;
/** Pages come when they come. */
const until = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 40_000, interval: 50 });
const shows = (text: string | RegExp) => browser.page.getByText(text).first().waitFor();
const heading = (name: string) => browser.page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
const active = (state: string) => browser.page.locator(`[data-state="${state}"].active`).waitFor();

const logIn = async ({ username, password }: typeof ROOT): Promise<void> => {
  await browser.page.getByLabel('User name').fill(username);
  await browser.page.getByLabel('Password').fill(password);
  await browser.page.getByRole('button', { name: 'Log in' }).click();
};

const logInAs = async (account: typeof ROOT): Promise<void> => {
  await logIn(account);
  await browser.page.getByRole('button', { name: 'Log out' }).waitFor();
};

const logOut = () => browser.page.getByRole('button', { name: 'Log out' }).click();

const asRoot = async (path: string, body: unknown): Promise<{ id: number }> => {
  const json = { 'content-type': 'application/json' };
  const login = await fetch(`${http}/api/auth/login`, { method: 'POST', headers: json, body: JSON.stringify(ROOT) });
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { ...json, authorization: `Bearer ${access_token}` };
  const answer = await fetch(`${http}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { id: number };
};

/** A call that nobody knows but the disk. */
const leaveFolder = async (): Promise<string> => {
  const callId = randomUUID();
  const folder = join(trunkline.system.dataDirectory, 'sessions', callId);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'mixed_20251201_120423.wav'), wave(3));
  return callId;
};

const finishedCall = async (): Promise<string> => {
  const caller = await trunkline.caller();
  expect(await caller.invite()).toMatchObject({ status: 200 });
  await listenTo(caller.audio).untilVoice('The greeting', VOICE_MS);
  await caller.bye();
  return (await trunkline.untilSettled(caller.number)).callId;
};

/** Something on each page. */
const fillPages = async (): Promise<void> => {
  await asRoot('/api/superadmin/admins', { ...TENANT, email: 'bolt@example.com', organization: 'Bolt' });
  await asRoot('/api/crm/leads', { phone: '+359888123456', first_name: 'Ana', country: 'Bulgaria' });
  const { id } = await asRoot('/api/crm/campaigns', { name: 'Autumn' });
  await asRoot(`/api/crm/campaigns/${id}/leads/filter`, {});
  await asRoot('/api/v1/agent-profiles', { name: 'Reception', instruction: 'You answer the phone of a hotel.' });
  await asRoot('/api/v1/trunks', { name: 'Quiet', host: '127.0.0.1', kind: 'static' });
};

beforeAll(async () => {
  const account = { SUPERADMIN_USERNAME: ROOT.username, SUPERADMIN_PASSWORD: ROOT.password };
  trunkline = await startTestSystem({ env: { ...account, SUPERADMIN_EMAIL: 'root@example.com' } });
  http = trunkline.system.addresses.http;
  const { dataDirectory } = trunkline.system;
  const { shipped, built } = consoleFolders(dataDirectory);
  const how = await buildConsole(dataDirectory, new AbortController().signal);
  expect(['built', 'ready']).toContain(how);
  consoleDirectory = how === 'built' ? built : shipped;
  feed = recordFeed(trunkline);
  await fillPages();
  finished = await finishedCall();
});
afterAll(async () => {
  feed?.stop();
  await trunkline?.stop();
});

beforeEach(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

const rowOf = ({ number }: TestCaller) => browser.page.locator('tr[data-call]', { hasText: number });

/** From the INVITE to a conversation, as the board tells it. */
const watchItBegin = async (caller: TestCaller): Promise<void> => {
  expect(await caller.invite({ autoAck: false })).toMatchObject({ status: 200 });
  await rowOf(caller).getByText('answering').waitFor();
  caller.acknowledge();
  await rowOf(caller).getByText('talking').waitFor();
  await rowOf(caller).getByText('greeting').waitFor();
  await rowOf(caller).getByRole('button', { name: 'Transcript' }).click();
  await browser.page.locator('.spoken .agent').first().waitFor();
  await browser.picture('board');
};

/** Its turns in the statechart, with a barge-in. */
const watchItTalk = async (caller: TestCaller): Promise<void> => {
  const listening = listenTo(caller.audio);
  await rowOf(caller).getByRole('link', { name: 'Statechart' }).click();
  await shows('Live: open');
  await active('call.talking');
  await active('call.talking.turn.listening');
  const question = await spokenQuestion();
  const asked = caller.audio.play(question);
  await active('call.talking.turn.callerSpeaking');
  await asked;
  await listening.untilVoice('The answer', VOICE_MS);
  const interrupting = caller.audio.play(question);
  await browser.page.locator('.events b', { hasText: 'playout.flushed' }).first().waitFor();
  await browser.picture('statechart-live');
  await interrupting;
};

const loseTheApplication = async (): Promise<void> => {
  expect(browser.takeFaults()).toEqual([]);
  process.kill(trunkline.system.applicationPid ?? 0, 'SIGKILL');
  await shows('Live: lost');
  await shows('Live: open');
  await active('call.talking');
  // Whoever asked while nobody was there was told so.
  const provoked =
    /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|INCOMPLETE_CHUNKED|response: .* 503|status of 503/;
  expect(browser.takeFaults().filter((fault) => !provoked.test(fault))).toEqual([]);
};

const hangUpFromThePage = async (caller: TestCaller): Promise<void> => {
  await browser.page.getByRole('link', { name: 'Live', exact: true }).click();
  await rowOf(caller)
    .getByRole('button', { name: /^Hang up/ })
    .click();
  await caller.untilHungUpByPeer();
  await rowOf(caller).waitFor({ state: 'detached' });
  await browser.page.getByRole('heading', { name: 'Just ended' }).waitFor();
};

const position = () => browser.page.evaluate<number>("document.querySelector('audio').currentTime");

const playAndSeek = async (): Promise<void> => {
  const place = browser.page.getByRole('slider', { name: 'Place in the recording' });
  await until(async () => expect(Number(await place.getAttribute('aria-valuemax'))).toBeGreaterThan(5));
  await browser.page.locator('.lane.agent polygon').waitFor();
  const [first] = await browser.page.locator('.conversation button').all();
  await first?.click();
  await browser.page.locator('.conversation .here').waitFor();
  await until(async () => expect(await position()).toBeGreaterThan(0.2));
  await browser.page.evaluate("document.querySelector('audio').pause()");
  const before = await position();
  await place.press('ArrowRight');
  expect(await position()).toBeCloseTo(before + 5, 1);
  await browser.page.getByText('Prompt of this call').click();
  await browser.page.getByRole('region', { name: 'Instruction of the system' }).waitFor();
  await browser.picture('call');
};

const stepThroughIt = async (): Promise<void> => {
  await browser.page.getByRole('link', { name: 'Statechart' }).click();
  const moment = browser.page.getByTestId('moment');
  await active('call.ended');
  const [last = 0] = (/\d+/.exec((await moment.textContent()) ?? '') ?? []).map(Number);
  expect(last).toBeGreaterThan(10);
  await browser.page.getByRole('button', { name: 'One step back' }).click();
  await until(async () => expect(await moment.textContent()).toContain(`${last - 1} / ${last}`));
  await browser.page.getByRole('slider', { name: 'Moment of the call' }).fill('9');
  await browser.page.getByRole('button', { name: 'One step forward' }).click();
  await until(async () => expect(await moment.textContent()).toContain(`10 / ${last}`));
  await until(async () => expect(await browser.page.locator('[data-state="call.ended"].active').count()).toBe(0));
  const lit = await browser.page.locator('.statechart .active').evaluateAll((all) => all.length);
  expect(lit).toBeGreaterThan(0);
  expect(browser.page.url()).toContain('seq=10');
  // Whoever is sent the address sees the same moment.
  await browser.page.reload();
  await until(async () => expect(await moment.textContent()).toContain(`10 / ${last}`));
  await until(async () => expect(await browser.page.locator('.statechart .active').count()).toBe(lit));
  await browser.picture('statechart-step');
};

/** By value, in all that the inspector feed has carried of a call with a barge-in. */
const expectNothingSecret = async (numbers: readonly string[], callId: string): Promise<void> => {
  const { system } = trunkline;
  const kept = JSON.parse(await readFile(join(system.dataDirectory, 'secrets.json'), 'utf8')) as Record<string, string>;
  const { password } = new URL(system.addresses.databaseUrl);
  // The model's key, and a word of what was said.
  const values = [...Object.values(kept), system.apiToken, ROOT.password, password, 'rehearsal', ...numbers];
  const carried = feed.frames.join('\n');
  expect(carried).toContain(callId);
  expect(carried).toContain('"ended"');
  expect(values.filter((value) => value === '' || carried.includes(value))).toEqual([]);
};

describe('the console', () => {
  it('S1: shows a live call from its first state to its end, also past a lost application, then its record step by step', async () => {
    await browser.page.goto(at('/'));
    await logIn({ ...ROOT, password: 'not-it' });
    await browser.page.getByRole('alert').waitFor();
    expect(browser.takeFaults()).toHaveLength(2);
    await logInAs(ROOT);
    await heading('Live calls');
    await shows('No call is up now.');

    const caller = await trunkline.caller();
    await watchItBegin(caller);
    await watchItTalk(caller);
    await loseTheApplication();
    await hangUpFromThePage(caller);
    const { callId, calledNumber } = await trunkline.untilSettled(caller.number);
    await expectNothingSecret([caller.number.slice(1), String(calledNumber).slice(1)], callId);

    await browser.page.goto(at(`/calls/${callId}`));
    await playAndSeek();
    await stepThroughIt();
    expect(browser.takeFaults()).toEqual([]);
  });

  it('S1: a call that is unknown, only on disk, or another’s is told in a sentence', async () => {
    const orphan = await leaveFolder();
    await browser.page.goto(at(`/calls/${orphan}`));
    await logInAs(ROOT);
    await browser.page.getByRole('region', { name: 'Recording' }).waitFor();
    expect(browser.takeFaults()).toEqual([]);

    await browser.page.goto(at(`/calls/${randomUUID()}`));
    await shows('No call has this id, and there is no recording of it either.');
    expect(browser.takeFaults().every((fault) => fault.includes('404'))).toBe(true);
    await browser.page.goto(at('/no-such-page'));
    await shows('There is no such page.');

    await logOut();
    await logInAs(TENANT);
    await browser.page.goto(at(`/calls/${finished}`));
    await shows('This call belongs to somebody else.');
    await browser.picture('call-of-another');
    expect(browser.takeFaults().every((fault) => fault.includes('403'))).toBe(true);
  });

  it('draws every state and transition that the machines have', async () => {
    await browser.page.goto(at('/machines'));
    await logInAs(ROOT);
    for (const [machine, graph] of Object.entries(createInertMachines(() => 0))) {
      await browser.page.goto(at(`/machines/${machine}`));
      await browser.page.getByRole('img', { name: `Statechart of ${machine}` }).waitFor();
      expect({
        machine,
        states: await browser.page.locator('[data-state]').count(),
        transitions: await browser.page.locator('[data-transition]:not([data-transition*=":always:"])').count(),
        eventless: await browser.page.locator('[data-transition*=":always:"]').count(),
      }).toEqual({ machine, ...countOf(toDirectedGraph(graph)) });
      await browser.picture(`machine-${machine}`);
    }
    expect(browser.takeFaults()).toEqual([]);
  });

  it('brings live actors to an inspector that reads with the receiver of @statelyai/inspect', async () => {
    const inspector = await startInspectorPage();
    const relay = await startRelay({
      application: new URL(http),
      token: trunkline.system.apiToken,
      inspector: inspector.url,
      port: 0,
    });
    try {
      await browser.page.goto(relay.url);
      await shows('Connected to the feed.');
      const told = (text: string) =>
        browser.page.frameLocator('iframe').locator('li', { hasText: text }).first().waitFor();
      const caller = await trunkline.caller();
      expect(await caller.invite()).toMatchObject({ status: 200 });
      await told('@xstate.actor model');
      await told('@xstate.snapshot  {"talking"');
      await caller.bye();
      await told('@xstate.snapshot  "ended"');
      expect((await fetch(new URL('/', relay.url))).status).toBe(404);
    } finally {
      await relay.close();
      inspector.close();
    }
  });

  it('keeps what is filled in, and says what is wrong with it', async () => {
    const filled = { page: browser.page, at, picture: browser.picture };
    // Within hours that never come, so that nobody is called.
    const closed = { start_time: '03:00', end_time: '03:01', days: ['sunday'], timezone: 'Europe/Sofia' };
    const { id } = await asRoot('/api/crm/campaigns', { name: 'Closed', schedule_config: closed });
    await asRoot(`/api/crm/campaigns/${id}/leads/filter`, {});
    await browser.page.goto(at('/'));
    await logInAs(ROOT);
    await keepLead(filled);
    await importLeads(filled);
    await previewPrompt(filled);
    await keepTrunk(filled);
    await makeCampaign(filled);
    await steerCampaign(filled, 'Closed');
    const unexpected = browser
      .takeFaults()
      .filter(
        (fault) => !fault.startsWith('console: Failed to load') && !REFUSED.some((refused) => refused.test(fault)),
      );
    expect(unexpected).toEqual([]);
  });

  it('transfers a call from the board, and says why when it cannot', async () => {
    await browser.page.goto(at('/'));
    await logInAs(ROOT);
    const caller = await trunkline.caller();
    await asRoot('/api/crm/leads', { phone: caller.number, first_name: 'Mira', last_name: 'Doneva' });
    expect(await caller.invite()).toMatchObject({ status: 200 });
    await rowOf(caller).getByText('Mira Doneva').waitFor();
    await rowOf(caller)
      .getByRole('button', { name: /^Transfer/ })
      .click();
    const dialog = browser.page.getByRole('dialog', { name: `Transfer ${caller.number}` });
    await dialog.getByLabel('Number to connect with').fill('reception');
    await dialog.getByRole('button', { name: 'Transfer' }).click();
    await dialog.getByRole('alert').waitFor();
    await browser.picture('transfer');
    expect(await browser.barriers()).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await caller.bye();
    await rowOf(caller).waitFor({ state: 'detached' });
    expect(browser.takeFaults().every((fault) => fault.includes('422'))).toBe(true);
  });

  it('has no serious barrier for anybody, in light and dark', async () => {
    await browser.page.goto(at('/'));
    await browser.page.getByLabel('User name').waitFor();
    const found = { login: await browser.barriers() } as Record<string, string[]>;
    await logInAs(ROOT);
    const caller = await trunkline.caller();
    expect(await caller.invite()).toMatchObject({ status: 200 });
    await rowOf(caller).getByRole('button', { name: 'Transcript' }).click();
    await browser.page.locator('.spoken .agent').first().waitFor();
    found['board'] = await browser.barriers();
    await browser.pictures('board-listening');
    await caller.bye();
    for (const [name, { path, ready }] of Object.entries(PAGES)) {
      await browser.page.goto(at(path.replace(':callId', finished)));
      await browser.page.locator(ready).first().waitFor();
      found[name] = await browser.barriers();
      await browser.pictures(name);
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([]);
    expect(browser.takeFaults()).toEqual([]);
  });

  it('loads less than 300 kB of compressed scripts before the board', () => {
    const scripts = firstLoad(consoleDirectory);
    expect(scripts.size).toBeGreaterThan(0);
    expect([...scripts.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(FIRST_LOAD_BYTES);
    expect([...scripts.keys()].filter((name) => name.startsWith('elk'))).toEqual([]);
  });
});

type Graph = ReturnType<typeof toDirectedGraph>;

type Counted = { states: number; transitions: number; eventless: number };

/** `toDirectedGraph` has no edges for transitions that are taken at once: those are counted in the states. */
const countOf = ({ children, edges, stateNode }: Graph): Counted =>
  children.map(countOf).reduce(
    (sum, part) => ({
      states: sum.states + part.states,
      transitions: sum.transitions + part.transitions,
      eventless: sum.eventless + part.eventless,
    }),
    {
      states: 1,
      transitions: edges.length,
      eventless: (stateNode.always ?? []).reduce((sum, { target }) => sum + (target?.length ?? 1), 0),
    },
  );

/** Pages by what they are looked at for, and what shows that they are there. */
const PAGES: Readonly<Record<string, { path: string; ready: string }>> = {
  calls: { path: '/calls', ready: 'tbody tr' },
  record: { path: '/calls/:callId', ready: '.lane.agent polygon' },
  chart: { path: '/calls/:callId/chart?actor=call/recording', ready: '.statechart' },
  machines: { path: '/machines/transcription', ready: '.statechart' },
  campaigns: { path: '/campaigns', ready: 'progress' },
  leads: { path: '/leads', ready: 'tbody tr' },
  profiles: { path: '/profiles', ready: 'tbody tr' },
  figures: { path: '/figures', ready: '.bars' },
  trunks: { path: '/trunks', ready: 'tbody tr' },
  jobs: { path: '/jobs', ready: '.notice.empty' },
  users: { path: '/users', ready: 'tbody tr' },
  health: { path: '/health', ready: 'tbody tr' },
};
