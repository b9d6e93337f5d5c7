/** How a media worker is told to break: by a file in the data folder, taken by the worker that sees it first. */
import { join } from 'node:path';

export type WorkerBreak = 'throw' | 'exit' | 'loop';

export const orderFile = (dataDirectory: string): string => join(dataDirectory, 'break-media-worker');
