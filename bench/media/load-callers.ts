/** The callers' thread, asked one thing at a time. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LoadAnswer, LoadCommand, LoadSettings } from './load-protocol.ts';

export type LoadCallers = AsyncDisposable & { ask(command: LoadCommand): Promise<LoadAnswer> };

export const startCallers = (settings: LoadSettings): LoadCallers => {
  const thread = new Worker(new URL('./callers-thread.ts', import.meta.url), { workerData: settings });
  return {
    ask: async (command) => {
      thread.postMessage(command);
      const [answer] = (await once(thread, 'message')) as [LoadAnswer];
      return answer;
    },
    [Symbol.asyncDispose]: async () => {
      await thread.terminate();
    },
  };
};
