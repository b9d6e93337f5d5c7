import type { Ownership } from '#domain/ownership.ts';

/** Rejects instead of doing it while this process does not know whether its calls are still its own. */
export const onlyWhileOurs =
  <Arguments extends unknown[], Result>(
    ownership: Pick<Ownership, 'isCurrent'>,
    work: (...args: Arguments) => Promise<Result>,
  ) =>
  async (...args: Arguments): Promise<Result> => {
    if (!ownership.isCurrent) throw new Error('This process stood still and asks which calls are still its own.');
    return work(...args);
  };
