/** Which promises were broken, from what was seen. Pure. */
import type { CallEvidence } from './evidence.ts';
import type { Killed } from './faults.ts';
import type { TracedTransition } from './trace-line.ts';

/** A sentence for each broken promise. */
export type Breach = string;

const DURABLE_MS = 50;
const ENDED_TOLERANCE_MS = 1_500;
const RECORDING_TOLERANCE_MS = 500;
const SAME_MOMENT_MS = 500;

/** Of the transitions that are missing, those that an application had at least 50 ms to make durable before it was killed. */
export const lostTransitions = (missing: readonly TracedTransition[], killed: readonly Killed[]): TracedTransition[] =>
  missing.filter(({ pid, at }) => !killed.some((kill) => kill.pid === pid && at > kill.at - DURABLE_MS));

/** The same words of the same speaker at the same time, or two at a time. */
export const repeatedSegments = ({ segments }: Pick<CallEvidence, 'segments'>): number =>
  segments.filter((segment, index) =>
    segments
      .slice(0, index)
      .some(
        (earlier) =>
          earlier.speaker === segment.speaker &&
          earlier.text === segment.text &&
          Math.abs(earlier.startMs - segment.startMs) < SAME_MOMENT_MS,
      ),
  ).length;

const GREETING = 'Hello, you have reached Trunkline.';

export const greetingsOf = ({ segments }: Pick<CallEvidence, 'segments'>): number =>
  segments.filter(({ speaker, text }) => speaker === 'agent' && text.startsWith(GREETING)).length;

/** What has to hold of a call at any time. `rows` are those of one SIP call. */
export const judgeCall = (number: string, rows: readonly CallEvidence[]): Breach[] => {
  const [row] = rows;
  if (!row || rows.length > 1) return [`${number} has ${rows.length} rows`];
  const breaches: Breach[] = [];
  if (row.count !== row.lastSeq) breaches.push(`${number}: ${row.count} transitions up to number ${row.lastSeq}`);
  if (row.recordings.length > 1) breaches.push(`${number} has ${row.recordings.length} recordings`);
  if (greetingsOf(row) > 1) breaches.push(`${number} was greeted ${greetingsOf(row)} times`);
  const repeated = repeatedSegments(row);
  if (repeated > 0) breaches.push(`${number}: ${repeated} transcript segments are there twice`);
  return breaches;
};

export type Hangup = {
  number: string;
  /** Epoch ms. */
  endedAt: number;
  goodbye: { status: number; retransmissions: number } | null;
  /** The SIP server was there all the time. */
  isServerSteady: boolean;
};

/** What its caller got in answer to the BYE. */
const goodbyeBreaches = ({ goodbye }: Hangup): string[] => {
  if (goodbye?.status !== 200) return [`BYE answered with ${goodbye?.status ?? 'nothing'}`];
  return goodbye.retransmissions === 0 ? [] : [`BYE sent ${goodbye.retransmissions} times more`];
};

const rowBreaches = ({ endedAt }: Hangup, row: CallEvidence): string[] => {
  const late = row.endedAt === null ? Infinity : Math.abs(row.endedAt - endedAt);
  return [
    ...(row.status === 'answered' ? [] : [`status ${row.status}`]),
    ...(row.cause === 'callerHungUp' ? [] : [`cause ${row.cause}`]),
    ...(late < ENDED_TOLERANCE_MS ? [] : [`its end is ${Math.round(late)} ms from its BYE`]),
  ];
};

const recordingBreaches = ({ recordings: [recording], endedAt }: CallEvidence): string[] => {
  if (recording?.state !== 'published') return [`recording ${recording?.state ?? 'missing'}`];
  const { startedAt, durationMs } = recording;
  if (startedAt === null || durationMs === null || endedAt === null) return ['recording without its times'];
  const off = durationMs - (endedAt - startedAt);
  return Math.abs(off) <= RECORDING_TOLERANCE_MS ? [] : [`recording ${Math.round(off)} ms off the clock`];
};

/** What has to hold of a call some time after its caller has hung up. */
export const judgeEnded = (hangup: Hangup, row: CallEvidence): Breach[] => {
  const breaches = [
    ...(hangup.isServerSteady ? [...goodbyeBreaches(hangup), ...rowBreaches(hangup, row)] : []),
    ...(row.state === 'ended' ? [] : [`state ${row.state}`]),
    ...recordingBreaches(row),
  ];
  return breaches.map((breach) => `${hangup.number}: ${breach}`);
};
