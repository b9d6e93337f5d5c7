/** The system's Chromium with one page in it, and a list of everything that went wrong there. */
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Page } from 'playwright-core';

const SCREENSHOTS = join(import.meta.dirname, 'screenshots');
const VIEW = { width: 1360, height: 900 };

export type TestBrowser = {
  page: Page;
  /** Errors on the console, uncaught ones, requests that failed or were refused, since it was asked for the last time. */
  takeFaults(): string[];
  /** Kept beside the tests. */
  picture(name: string): Promise<void>;
  /** Also as whoever likes it dark sees it. */
  pictures(name: string): Promise<void>;
  /** What axe-core finds that is serious or critical, in both colour schemes, one line each. */
  barriers(): Promise<string[]>;
  close(): Promise<void>;
};

const programPath = (name: string): string =>
  execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();

const collectFaults = (page: Page): string[] => {
  const faults: string[] = [];
  page.on('console', (said) => said.type() === 'error' && faults.push(`console: ${said.text()}`));
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // A page that is left gives up what it had asked for.
    if (why !== 'net::ERR_ABORTED') faults.push(`request: ${request.url()} ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`response: ${response.url()} ${response.status()}`);
  });
  return faults;
};

type Violations = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

/** A drawing is one picture with a name: its hundreds of parts are nothing that a reader meets. */
const LOOKED_AT = "{ include: ['html'], exclude: ['.statechart > *'] }";

const seriousIn = async (page: Page, scheme: 'light' | 'dark'): Promise<string[]> => {
  await page.emulateMedia({ colorScheme: scheme });
  const { violations } = await page.evaluate<Violations>(`axe.run(${LOOKED_AT}, { resultTypes: ['violations'] })`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
};

export const openBrowser = async (): Promise<TestBrowser> => {
  const browser = await chromium.launch({
    executablePath: programPath('chromium'),
    args: ['--no-sandbox', '--mute-audio', '--disable-dev-shm-usage'],
  });
  const context = await browser.newContext({ viewport: VIEW, reducedMotion: 'reduce', locale: 'en-GB' });
  context.setDefaultTimeout(40_000);
  const page = await context.newPage();
  const faults = collectFaults(page);
  const picture = async (name: string) => void (await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) }));
  await mkdir(SCREENSHOTS, { recursive: true });
  return {
    page,
    takeFaults: () => faults.splice(0),
    picture,
    pictures: async (name) => {
      await picture(name);
      await page.emulateMedia({ colorScheme: 'dark' });
      await picture(`${name}-dark`);
      await page.emulateMedia({ colorScheme: 'light' });
    },
    barriers: async () => {
      // As the debugger does it: a script in the page would be refused by the console's own policy.
      await page.evaluate(axe.source);
      const dark = await seriousIn(page, 'dark');
      const light = await seriousIn(page, 'light');
      return [...dark.map((line) => `dark: ${line}`), ...light.map((line) => `light: ${line}`)];
    },
    close: () => browser.close(),
  };
};
