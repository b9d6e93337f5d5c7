/** Processes of this machine, by what `/proc` tells of them. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

type ProcessEntry = { pid: number; parent: number; command: string; startedAt: number };

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const entryOf = (pid: number): ProcessEntry | null => {
  const stat = readOrNull(`/proc/${pid}/stat`);
  const command = readOrNull(`/proc/${pid}/cmdline`);
  if (stat === null || command === null) return null;
  // After the name, which is in parentheses and may hold any character: state, parent (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, parent: Number(fields[1]), command: command.replaceAll('\0', ' '), startedAt: Number(fields[19]) };
};

const allProcesses = (): ProcessEntry[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => entryOf(Number(name)))
    .filter((entry) => entry !== null);

/** The child of this process whose command line holds the text, the oldest one; null when there is none now. */
export const childRunning = (part: string): number | null =>
  allProcesses()
    .filter(({ parent, command }) => parent === process.pid && command.includes(part))
    .toSorted((left, right) => left.startedAt - right.startedAt)[0]?.pid ?? null;

/** A process and all that it has started, the process first. */
export const withDescendants = (pid: number): number[] => {
  const all = allProcesses();
  const family = [pid];
  for (const member of family) {
    family.push(...all.filter(({ parent }) => parent === member).map((entry) => entry.pid));
  }
  return family;
};

/** One that is gone already is no fault. */
export const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
};
