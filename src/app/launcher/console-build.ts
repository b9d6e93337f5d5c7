/** Builds the console when it is not there yet, beside the start of the system: nothing waits for it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { consoleFolders } from '#app/console-folder.ts';

const LONGEST_BUILD_MS = 120_000;

const isBuilt = (directory: string): boolean => existsSync(join(directory, 'index.html'));

const viteProgram = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');

const runVite = (sources: string, outDirectory: string, signal: AbortSignal): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const args = ['build', '--config', join(sources, 'vite.config.ts'), '--outDir', outDirectory, '--emptyOutDir'];
    const child = spawn(process.execPath, [viteProgram(), ...args, '--logLevel', 'error'], {
      cwd: dirname(sources),
      stdio: 'ignore',
      timeout: LONGEST_BUILD_MS,
      signal,
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });

/**
 * Resolves with what there is to say. Never rejects: the system works without its console. The build appears in one
 * step, so that nobody is served half of it; aborting `signal` ends it.
 */
export const buildConsole = async (dataDirectory: string, signal: AbortSignal): Promise<string> => {
  const { sources, shipped, built } = consoleFolders(dataDirectory);
  if (isBuilt(shipped) || isBuilt(built)) return 'ready';
  const unfinished = `${built}.${process.pid}`;
  try {
    await mkdir(dirname(built), { recursive: true });
    const code = await runVite(sources, unfinished, signal);
    if (code !== 0) return `not built (vite ended with ${code}): "npm run console:build" shows why`;
    await rename(unfinished, built);
    return 'built';
  } catch (error) {
    return `not built: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};
