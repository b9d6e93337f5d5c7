/**
 * `npm run diagrams` draws every machine into `docs/machines/<machine>.svg`, from the machine itself, with the console's own
 * component. With `--check` nothing is written, and stale or missing drawings make it exit with 1.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ELK } from 'elkjs/lib/elk-api.js';
import { createElement, type FunctionComponent } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { format } from 'prettier';
import { createServer } from 'vite';
import { machineCharts } from '#app/machine-charts.ts';
// What the console draws and what the document shows are one and the same.
// oxlint-disable-next-line eslint/no-restricted-imports
import { layOut } from '../console/src/chart/layout.ts';

const ROOT = join(import.meta.dirname, '..');
const DIRECTORY = join(ROOT, 'docs/machines');
const isCheck = process.argv.includes('--check');

const vite = await createServer({
  configFile: join(ROOT, 'console/vite.config.ts'),
  server: { middlewareMode: true, hmr: false, ws: false },
  appType: 'custom',
  logLevel: 'error',
});

try {
  const { Statechart } = (await vite.ssrLoadModule('/src/chart/statechart.tsx')) as {
    Statechart: FunctionComponent<Record<string, unknown>>;
  };
  const style = await readFile(join(ROOT, 'console/src/chart/statechart.css'), 'utf8');
  // Its types describe a default export that a CommonJS module does not have.
  const Elk = createRequire(import.meta.url)('elkjs/lib/elk.bundled.js') as new () => ELK;
  const elk = new Elk();
  const stale: string[] = [];
  await mkdir(DIRECTORY, { recursive: true });
  for (const machine of machineCharts()) {
    const chart = await layOut(elk, machine);
    const drawn = renderToStaticMarkup(
      createElement(Statechart, { chart, active: new Set(), title: `Statechart of ${machine.machine}` }),
    );
    const svg = drawn.replace('<defs>', `<style>:root { color-scheme: light dark; }\n${style}</style><defs>`);
    const text = await format(svg, { parser: 'html', printWidth: 160 });
    const path = join(DIRECTORY, `${machine.machine}.svg`);
    const before = await readFile(path, 'utf8').catch(() => null);
    if (before === text) continue;
    stale.push(`${machine.machine}.svg`);
    if (!isCheck) await writeFile(path, text);
  }
  if (stale.length > 0) process.stdout.write(`${isCheck ? 'Stale' : 'Written'}: ${stale.join(', ')}\n`);
  if (stale.length > 0 && isCheck) {
    process.stderr.write('The drawings in docs/machines are not those of the machines: run `npm run diagrams`.\n');
    process.exitCode = 1;
  }
} finally {
  await vite.close();
}
