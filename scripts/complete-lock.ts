/**
 * Run after `npm install`: adds to package-lock.json the optional platform packages that the registry in use did not
 * offer, because `npm ci` refuses a lock file that lacks them, even for platforms other than its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type LockedPackage = { version?: string; optionalDependencies?: Record<string, string> };
type Lock = { packages: Record<string, LockedPackage> };

const PLATFORM =
  /(?:^|[/-])(android|darwin|freebsd|linux|openharmony|win32)-(arm|arm64|x64|ia32|ppc64|riscv64|s390x)(?:-(\w+))?$/;

const placeholder = (name: string, version: string): LockedPackage | null => {
  const [, os, cpu, abi] = PLATFORM.exec(name) ?? [];
  if (os === undefined || cpu === undefined) return null;
  const libc = os === 'linux' && abi !== undefined ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {};
  return { version, optional: true, dev: true, os: [os], cpu: [cpu], ...libc } as LockedPackage;
};

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
const optional = Object.values(lock.packages).flatMap((locked) => Object.entries(locked.optionalDependencies ?? {}));
let added = 0;

for (const [name, version] of optional) {
  const path = `node_modules/${name}`;
  const missing = path in lock.packages ? null : placeholder(name, version);
  if (missing === null) continue;
  lock.packages[path] = missing;
  added += 1;
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(byName));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} packages added to package-lock.json\n`);
