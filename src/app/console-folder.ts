/** Where the built console lies: beside its sources, or, when those cannot be written, under the data folder. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, '../../console');

/** Changes with the sources, so that an old build is never served for new ones. */
const versionOf = (directory: string): string => {
  const hash = createHash('sha256');
  for (const name of readdirSync(join(directory, 'src'), {
    recursive: true,
    encoding: 'utf8',
  }).sort()) {
    const { size, mtimeMs } = statSync(join(directory, 'src', name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 12);
};

/** In the order in which they are looked at; the second is where the launcher builds. */
export const consoleFolders = (dataDirectory: string) => ({
  sources: SOURCES,
  shipped: join(SOURCES, 'dist'),
  built: join(dataDirectory, 'cache', `console-${versionOf(SOURCES)}`),
});
