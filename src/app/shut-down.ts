/** How the application goes: nothing new, time for what goes on, then calls are ended, or left to whoever comes next. */
import type { Log } from '#domain/log.ts';
import type { CallRegistry } from './call-registry.ts';
import type { LiveCallsStore } from './live-calls.store.ts';

/** `end`: nobody comes after this process. `leave`: another one goes on with the calls, its callers notice a pause. */
export type Parting = 'end' | 'leave';

export type ShutDownDeps = {
  registry: Pick<CallRegistry, 'drain' | 'leave'>;
  admission: { settled(): Promise<void> };
  liveCalls: Pick<LiveCallsStore, 'getSnapshot' | 'subscribe'>;
  signalling: { stopAccepting(): Promise<void>; close(): Promise<void> };
  media: { stop(streams: 'goOn'): Promise<void> };
  /** Goes on looking for calls of others until it is disposed of. */
  takeOver: Disposable;
  drainMs: number;
  log: Log;
};

/** A call that is about to be answered, or to end, is better off with the process that began it. */
const SETTLING_MS = 5_000;
const SETTLED: ReadonlySet<string> = new Set(['talking', 'dialling', 'ringing']);

/** Resolves when every live call is in such a state, or there is none, or after `ms`. */
const untilAll = (liveCalls: ShutDownDeps['liveCalls'], isFit: (state: string) => boolean, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if ([...liveCalls.getSnapshot().context.calls.values()].every(({ state }) => isFit(state))) finish();
    };
    const timer = setTimeout(() => finish(), ms);
    const watching = liveCalls.subscribe(look);
    const finish = () => {
      clearTimeout(timer);
      watching.unsubscribe();
      resolve();
    };
    look();
  });

/** Resolves when no call is here any more; what is written of those that were left is still to be flushed. */
export const shutDown = async (deps: ShutDownDeps, parting: Parting): Promise<void> => {
  const { registry, admission, liveCalls, signalling, media, takeOver, drainMs, log } = deps;
  await signalling.stopAccepting();
  await admission.settled();
  if (parting === 'end') return registry.drain({ afterMs: drainMs });
  await untilAll(liveCalls, () => false, drainMs);
  await untilAll(liveCalls, (state) => SETTLED.has(state), SETTLING_MS);
  takeOver[Symbol.dispose]();
  // In one tick: nothing may reach a call in between, which would act on it or answer for it.
  const gone = [signalling.close(), media.stop('goOn')];
  const left = registry.leave();
  if (left > 0) log.warn({ calls: left }, 'Calls are left to the next application.');
  await Promise.all(gone);
};
