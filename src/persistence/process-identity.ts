/** Which process this is, and whether another process of this host is gone. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export type ProcessIdentity = {
  host: string;
  /** Boot and process-id namespace: process ids can be compared within it only. Null where there is no `/proc`. */
  boot: string | null;
  pid: number;
  /** Clock ticks from boot to start. Null where there is no `/proc`. */
  processStart: string | null;
};

const readOrNull = (read: () => string): string | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

/** Field 22 of proc(5) stat; the second field is the name in parentheses and may itself hold spaces and parentheses. */
const processStartOf = (pid: number): string | null => {
  const stat = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
};

const bootOf = (): string | null =>
  readOrNull(() => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  });

export const identifyProcess = (): ProcessIdentity => ({
  host: hostname(),
  boot: bootOf(),
  pid: process.pid,
  processStart: processStartOf(process.pid),
});

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};

export const isSameHost = (own: ProcessIdentity, other: ProcessIdentity): boolean =>
  own.host === other.host && own.boot === other.boot;

/** Certain: the process ran here and does not exist any more. False also means "cannot be told from here". */
export const isGone = (own: ProcessIdentity, other: ProcessIdentity): boolean => {
  if (!isSameHost(own, other)) return false;
  if (!exists(other.pid)) return true;
  const start = processStartOf(other.pid);
  // A zombie keeps its number until its parent has asked for it.
  return (start !== null && other.processStart !== null && start !== other.processStart) || isZombie(other.pid);
};

const isZombie = (pid: number): boolean => {
  const stat = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat !== null && ['Z', 'X'].includes(stat[stat.lastIndexOf(')') + 2] ?? '');
};
