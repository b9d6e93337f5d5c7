/**
 * `npm run test:e2e`: the tests that mostly wait (`e2e-waiting`) beside those that work (`e2e`), so that nobody waits for
 * them. Arguments go to both, such as names of files.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const run = (project: string): Promise<number> =>
  new Promise((resolve) => {
    const args = [vitest, 'run', '--project', project, '--passWithNoTests', ...process.argv.slice(2)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('exit', (code) => resolve(code ?? 1));
  });

const codes = await Promise.all([run('e2e'), run('e2e-waiting')]);
process.exitCode = Math.max(...codes);
