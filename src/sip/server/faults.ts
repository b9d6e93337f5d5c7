/** `event` names the fact, `details` are for the log line. */
export type Log = (event: string, details: object) => void;

/** Wraps a function; `where` names it in the log. */
export type Contained = <Args extends unknown[]>(
  where: string,
  run: (...args: Args) => void,
) => (...args: Args) => void;

/**
 * Wraps entry points so that a fault in one message, command or timer is logged and stays with it: every other call
 * goes on.
 */
export const containFaults =
  (log: Log): Contained =>
  (where, run) =>
  (...args) => {
    try {
      run(...args);
    } catch (error) {
      log('fault', { where, error });
    }
  };
