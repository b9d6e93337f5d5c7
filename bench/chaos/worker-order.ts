/** How a media worker is told to break: by a file in the data folder that names the process whose worker is meant. */
import { join } from 'node:path';

export type WorkerBreak = 'throw' | 'exit' | 'loop';

export const orderFile = (dataDirectory: string): string => join(dataDirectory, 'break-media-worker');

export const orderText = (how: WorkerBreak, pid: number): string => `${how} ${pid}`;

/** Null: it is not for a worker of this process. */
export const readOrder = (text: string, pid: number): string | null => {
  const [how = '', of = ''] = text.trim().split(' ');
  return of === String(pid) ? how : null;
};
