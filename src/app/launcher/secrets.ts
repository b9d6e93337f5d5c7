/** The secrets of an embedded set-up: made once, kept in the data folder, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LauncherError } from './launcher-error.ts';

export type Secrets = { drachtioSecret: string; jwtSecret: string; apiToken: string };

const generate = (): Secrets => ({
  drachtioSecret: randomBytes(24).toString('base64url'),
  jwtSecret: randomBytes(48).toString('base64url'),
  apiToken: randomBytes(24).toString('base64url'),
});

const isSecrets = (value: unknown): value is Secrets =>
  typeof value === 'object' &&
  value !== null &&
  ['drachtioSecret', 'jwtSecret', 'apiToken'].every((name) => {
    const secret: unknown = Reflect.get(value, name);
    return typeof secret === 'string' && secret.length >= 16;
  });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Read `secrets.json` of an existing data folder, or make it (mode 600). Throws `LauncherError` `dataFolder`. */
export const loadSecrets = async (dataDirectory: string): Promise<Secrets> => {
  const path = join(dataDirectory, 'secrets.json');
  const fresh = generate();
  try {
    await writeFile(path, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const kept = parse(await readFile(path, 'utf8'));
  if (isSecrets(kept)) return kept;
  throw new LauncherError('dataFolder', `${path} does not hold the three secrets: delete it to have new ones made.`);
};
