/** What one process has used, from /proc: all of its threads, in CPU milliseconds, and its resident memory. */
import { readFileSync } from 'node:fs';

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

export type Usage = { cpuMs: number; rssMb: number };

/** Linux only. */
export const usageOf = (pid: number): Usage => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold anything; the fields after it are numbered from 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime = 0, stime = 0] = [fields[11], fields[12]].map(Number);
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
  return { cpuMs: (utime + stime) * MS_PER_TICK, rssMb: rssKb / 1_024 };
};
