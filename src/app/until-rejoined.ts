/** Lets callers of a lost process have the processor first: what is slow to build waits until they are back in their calls. */
import type { LiveCallsStore } from './live-calls.store.ts';

const RECOVERING: readonly string[] = ['restored', 'recovering'];
/** Whoever is not back by now is not helped by more patience. */
const PATIENCE_MS = 3_000;

/** Resolves when no call is being recovered any more, or after `patienceMs`. */
export const untilRejoined = (liveCalls: LiveCallsStore, patienceMs = PATIENCE_MS): Promise<void> =>
  new Promise((resolve) => {
    const isOver = () => liveCalls.list().every(({ state }) => !RECOVERING.includes(state));
    if (isOver()) return resolve();
    const finish = () => {
      clearTimeout(timer);
      subscription.unsubscribe();
      resolve();
    };
    const timer = setTimeout(finish, patienceMs);
    const subscription = liveCalls.subscribe(() => {
      if (isOver()) finish();
    });
  });
