/**
 * Keeps a second process of a program loaded and waiting beside the one that runs: when that one dies, the other is
 * told to go on in its place, and nobody waits for modules to be loaded.
 */
import type { LaunchedChild } from './child-part.ts';
import type { ReadyLine, RunningPart, StartPart } from './running-part.ts';

/** The part that has just become ready is busy taking calls up; loading another one would slow it down. */
const LOAD_AFTER_MS = 5_000;

export type SpareOptions = {
  /** Starts the part with nothing prepared. */
  start: StartPart;
  /** Spawns one that loads everything and then waits to be told. */
  launchSpare: (previous: ReadyLine) => LaunchedChild;
  loadAfterMs?: number;
};

export const withSpare = ({ start, launchSpare, loadAfterMs = LOAD_AFTER_MS }: SpareOptions): StartPart => {
  let spare: LaunchedChild | null = null;
  let timer: NodeJS.Timeout | null = null;

  const discard = (): void => {
    if (timer !== null) clearTimeout(timer);
    spare?.kill();
    spare = null;
  };

  const load = (previous: ReadyLine): void => {
    const launched = launchSpare(previous);
    spare = launched;
    // One that dies while it waits is not missed: the next start is an ordinary one.
    void launched.ended.then(() => {
      if (spare === launched) spare = null;
    });
  };

  const begin = async (previous: ReadyLine | null, signal: AbortSignal): Promise<RunningPart> => {
    const waiting = spare;
    spare = null;
    if (waiting === null) return start(previous, signal);
    waiting.release();
    return waiting.untilReady(signal);
  };

  return async (previous, signal) => {
    if (timer !== null) clearTimeout(timer);
    const part = await begin(previous, signal);
    timer = setTimeout(() => load(part.ready), loadAfterMs);
    timer.unref();
    return {
      ...part,
      stop: (deadlineMs) => {
        discard();
        return part.stop(deadlineMs);
      },
      kill: () => {
        discard();
        part.kill();
      },
    };
  };
};
