/** Which promises were broken, from what was seen. Pure. */
import type { CallEvidence } from './evidence.ts';
import type { Killed } from './faults.ts';
import type { TracedTransition } from './trace-line.ts';

/** A sentence for each broken promise. */
export type Breach = string;

const DURABLE_MS = 50;
const ENDED_TOLERANCE_MS = 1_500;
const RECORDING_TOLERANCE_MS = 500;

/** Of the transitions that are missing, those that an application had at least 50 ms to make durable before it was killed. */
export const lostTransitions = (missing: readonly TracedTransition[], killed: readonly Killed[]): TracedTransition[] =>
  missing.filter(({ pid, at }) => !killed.some((kill) => kill.pid === pid && at > kill.at - DURABLE_MS));

/** The same words of the same speaker in the same stretch of time. */
export const repeatedSegments = ({ segments }: Pick<CallEvidence, 'segments'>): number =>
  segments.filter(({ speaker, text, startMs, endMs }, index) =>
    segments
      .slice(0, index)
      .some(
        (earlier) =>
          earlier.speaker === speaker &&
          earlier.text === text &&
          earlier.startMs <= endMs &&
          startMs <= Math.max(earlier.endMs, earlier.startMs + 1),
      ),
  ).length;

const GREETING = 'Hello, you have reached Trunkline.';

export const greetingsOf = ({ segments }: Pick<CallEvidence, 'segments'>): number =>
  segments.filter(({ speaker, text }) => speaker === 'agent' && text.startsWith(GREETING)).length;

/** Each result was ordered of the model once: more than one id for it is an effect under two keys. */
export const effectBreaches = ({ intents, outcome }: Pick<CallEvidence, 'intents' | 'outcome'>): Breach[] => {
  const keys = new Map<string, Set<string>>();
  for (const { id, result } of intents) keys.set(result, (keys.get(result) ?? new Set()).add(id));
  const repeated = [...keys].filter(([, ids]) => ids.size > 1);
  const latest = intents.at(-1)?.result ?? null;
  return [
    ...repeated.map(([result, ids]) => `${result} is there twice, under ${ids.size} keys`),
    ...(outcome === latest ? [] : [`outcome ${outcome} although its last intent was ${latest}`]),
  ];
};

/** What has to hold of a call at any time. `rows` are those of one SIP call. */
export const judgeCall = (number: string, rows: readonly CallEvidence[]): Breach[] => {
  const [row] = rows;
  if (!row || rows.length > 1) return [`${number} has ${rows.length} rows`];
  const breaches = effectBreaches(row);
  const greetings = Math.max(greetingsOf(row), row.greetings);
  const repeated = repeatedSegments(row);
  if (row.count !== row.lastSeq) breaches.push(`${row.count} transitions up to number ${row.lastSeq}`);
  if (row.recordings.length > 1) breaches.push(`has ${row.recordings.length} recordings`);
  if (greetings > 1) breaches.push(`was greeted ${greetings} times`);
  if (repeated > 0) breaches.push(`${repeated} transcript segments are there twice`);
  return breaches.map((breach) => `${number}: ${breach}`);
};

export type Hangup = {
  number: string;
  /** By the caller's clock, epoch ms: of its INVITE, of the 200 and of its BYE. */
  invitedAt: number;
  answeredAt: number;
  endedAt: number;
  goodbye: { status: number; retransmissions: number } | null;
  /** While it hung up a BYE was answered at once, or late, because somebody stood still, or the dialogs were lost. */
  server: 'steady' | 'stopped' | 'killed';
  /** Length of the audio in the published file; null when there is none. */
  recordedMs: number | null;
};

/** What its caller got in answer to the BYE. */
const goodbyeBreaches = ({ goodbye, server }: Hangup): Breach[] => {
  if (server === 'killed') return [];
  if (goodbye?.status !== 200) return [`BYE answered with ${goodbye?.status ?? 'nothing'}`];
  return server === 'stopped' || goodbye.retransmissions === 0
    ? []
    : [`BYE sent ${goodbye.retransmissions} times more`];
};

const rowBreaches = ({ endedAt, server }: Hangup, row: CallEvidence): Breach[] => {
  const late = row.endedAt === null ? Infinity : Math.abs(row.endedAt - endedAt);
  return [
    ...(row.state === 'ended' ? [] : [`state ${row.state}`]),
    ...(row.status === 'answered' ? [] : [`status ${row.status}`]),
    ...(server === 'killed' || row.cause === 'callerHungUp' ? [] : [`cause ${row.cause}`]),
    ...(server !== 'steady' || late < ENDED_TOLERANCE_MS ? [] : [`its end is ${Math.round(late)} ms from its BYE`]),
  ];
};

/** A BYE that the SIP server has never seen ended nothing. */
const endOf = ({ server, endedAt: byPeer }: Hangup, endedAt: number | null): number =>
  server === 'steady' ? byPeer : (endedAt ?? NaN);

const recordingBreaches = (hangup: Hangup, { recordings: [recording], endedAt }: CallEvidence): Breach[] => {
  if (recording?.state !== 'published') return [`recording ${recording?.state ?? 'missing'}`];
  const { recordedMs, invitedAt, answeredAt } = hangup;
  const startedAt = recording.startedAt ?? NaN;
  if (recordedMs === null) return ['recording without its file'];
  const off = recordedMs - (endOf(hangup, endedAt) - startedAt);
  // It begins while the call rings, never later than with the answer.
  const begins = startedAt >= invitedAt && startedAt <= answeredAt;
  return [
    ...(begins ? [] : ['recording begins at another time than its call']),
    ...(Math.abs(off) <= RECORDING_TOLERANCE_MS ? [] : [`recording ${Math.round(off)} ms off the clock`]),
  ];
};

/** What has to hold of a call some time after its caller has hung up. */
export const judgeEnded = (hangup: Hangup, row: CallEvidence): Breach[] =>
  [...goodbyeBreaches(hangup), ...rowBreaches(hangup, row), ...recordingBreaches(hangup, row)].map(
    (breach) => `${hangup.number}: ${breach}`,
  );
