/** What the launcher needs of anything it runs: a child process, or the embedded Postgres. */

/** What a program says on its standard output, as one line of JSON with `"ready": true`, once it can be used. */
export type ReadyLine = Readonly<Record<string, unknown>>;

export type RunningPart = {
  pid: number | null;
  ready: ReadyLine;
  /** How it ended, in words; settles once. */
  ended: Promise<string>;
  /** Ask it to end, and make it end after the deadline. Resolves when it has ended. */
  stop(deadlineMs: number): Promise<void>;
  /** End it at once. */
  kill(): void;
};

/** `previous` is what the part said when it was last ready, so that it can come back at the same address. */
export type StartPart = (previous: ReadyLine | null, signal: AbortSignal) => Promise<RunningPart>;
