/** What a browser loads of the built console before it shows the board. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const STATIC_IMPORT = /(?:^|[;}\s])import\s*(?:[^"'()]*?from\s*)?["']\.\/([^"']+\.js)["']/g;

const importsOf = (source: string): string[] => [...source.matchAll(STATIC_IMPORT)].map(([, name]) => name ?? '');

/** Bytes by name of file, compressed, of every script that the page names or that those import at once. */
export const firstLoad = (directory: string): ReadonlyMap<string, number> => {
  const html = readFileSync(join(directory, 'index.html'), 'utf8');
  const waiting = [...html.matchAll(/(?:src|href)="\/console\/assets\/([^"]+\.js)"/g)].map(([, name]) => name ?? '');
  const sizes = new Map<string, number>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (sizes.has(name)) continue;
    const source = readFileSync(join(directory, 'assets', name));
    sizes.set(name, gzipSync(source).byteLength);
    waiting.push(...importsOf(source.toString('utf8')));
  }
  return sizes;
};
