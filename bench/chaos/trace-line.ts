/** One transition as the application tells the harness of it, in one line. */

export type TracedTransition = {
  pid: number;
  /** Epoch milliseconds at which it was given to the journal. */
  at: number;
  callId: string;
  seq: number;
  epoch: number;
  eventType: string;
};

const PREFIX = '@trace';

export const traceLine = ({ pid, at, callId, seq, epoch, eventType }: TracedTransition): string =>
  [PREFIX, pid, at, callId, seq, epoch, eventType].join(' ');

/** Null: another line. */
export const readTraceLine = (line: string): TracedTransition | null => {
  const [prefix, pid, at, callId, seq, epoch, eventType] = line.split(' ');
  if (prefix !== PREFIX || callId === undefined || eventType === undefined) return null;
  return { pid: Number(pid), at: Number(at), callId, seq: Number(seq), epoch: Number(epoch), eventType };
};
