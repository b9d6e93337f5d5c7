/** What has to be true after the demo's call, each with the reason when it is not. Pure. */
import type { ApiCall, ApiCallDetail, ApiSegment, ApiTransition } from './api-client.ts';
import type { Conversation } from './conversation.ts';
import { headerOf } from './sip-text.ts';
import type { CallerMessage } from './sip-text.ts';

export type Evidence = {
  sipCallId: string;
  conversation: Conversation;
  calls: readonly ApiCall[];
  detail: ApiCallDetail;
  transcript: readonly ApiSegment[];
  timeline: readonly ApiTransition[];
  /** Of the application's own RTP, from the timeline. */
  quality: Readonly<Record<string, number | null>> | null;
  recording: RecordingEvidence;
};

export type RecordingEvidence = {
  status: number;
  channels: number;
  sampleRateHz: number;
  durationMs: number;
  /** Root mean square of the caller's and of the agent's channel, 0 to 1. */
  levels: readonly [caller: number, agent: number];
};

export type Check = { name: string; failure: string | null };

const GREETING_WITHIN_MS = 1_500;
const SILENT_WITHIN_MS = 1_000;
const DURATION_TOLERANCE_MS = 1_500;
const AUDIBLE_LEVEL = 0.005;
const COPIED_HEADERS = ['via', 'from', 'to', 'call-id', 'cseq'] as const;
const LAST_CHUNK_FRAMES = 2;
const STATES = ['opening', 'alerting', 'answering', 'talking', 'closing', 'ended'] as const;

const check = (name: string, holds: boolean, otherwise: () => string): Check => ({
  name,
  failure: holds ? null : otherwise(),
});

const isComplete = (answer: CallerMessage): boolean =>
  answer.status === 200 && COPIED_HEADERS.every((name) => (headerOf(answer, name) ?? '') !== '');

const checkSignalling = ({ conversation: { provisionals, byes } }: Evidence): Check[] => {
  const [first, second] = byes;
  return [
    check('the call rang before it was answered', provisionals.includes(180), () => `heard ${provisionals.join(', ')}`),
    check(
      'each BYE was answered 200 in full',
      byes.length === 2 && byes.every(isComplete),
      () => `the answers were ${byes.map(({ startLine }) => startLine).join(' and ')}`,
    ),
    check(
      'the BYE sent again got the same answer',
      first !== undefined && first.raw === second?.raw,
      () => 'the two answers differ',
    ),
  ];
};

const checkSpeech = ({ conversation: { greetingAfterMs, silentAfterBargeInMs }, transcript }: Evidence): Check[] => {
  const agent = transcript.filter(({ speaker }) => speaker === 'agent');
  return [
    check(
      `the greeting began within ${GREETING_WITHIN_MS} ms of the ACK`,
      greetingAfterMs <= GREETING_WITHIN_MS,
      () => `it took ${Math.round(greetingAfterMs)} ms`,
    ),
    check(
      `the agent was silent within ${SILENT_WITHIN_MS} ms of the barge-in`,
      silentAfterBargeInMs <= SILENT_WITHIN_MS,
      () => `it took ${Math.round(silentAfterBargeInMs)} ms`,
    ),
    check(
      'the transcript has the greeting, both answers and both questions',
      agent.length >= 3 && transcript.length - agent.length >= 2,
      () => `it has ${agent.length} agent and ${transcript.length - agent.length} caller segments`,
    ),
    check(
      'exactly the answer that was barged in on is marked as interrupted',
      agent.map(({ interrupted }) => interrupted).join() === agent.map((_, index) => index === 1).join(),
      () => `interrupted: ${agent.map(({ interrupted }) => interrupted).join(', ')}`,
    ),
  ];
};

const checkRecord = ({ sipCallId, calls, detail, timeline }: Evidence): Check[] => {
  const visited = STATES.filter((state) =>
    timeline.some(({ actorPath, toState }) => actorPath === 'call' && new RegExp(`^\\W*${state}\\b`).test(toState)),
  );
  const sequences = timeline.map(({ seq }) => seq);
  return [
    check(
      'there is one row for the call',
      calls.length === 1 && detail.sipCallId === sipCallId,
      () => `${calls.length} rows, SIP Call-ID ${detail.sipCallId}`,
    ),
    check(
      'the row says answered, ended by the caller',
      detail.status === 'answered' && detail.cause === 'callerHungUp' && detail.endedAt !== null,
      () => `status ${detail.status}, cause ${detail.cause}, ended at ${detail.endedAt}`,
    ),
    check(
      'every state from opening to ended is in the timeline',
      visited.length === STATES.length,
      () => `only ${visited.join(', ')}`,
    ),
    check(
      'no transition is missing',
      sequences.every((seq, index) => seq === (sequences[0] ?? 1) + index),
      () => `sequence numbers ${sequences.join(' ')}`,
    ),
    check('the ledger is empty', detail.ledger?.leaked.length === 0, () =>
      detail.ledger ? `it holds ${detail.ledger.leaked.join(', ')}` : 'there is none',
    ),
  ];
};

const checkRecording = ({ detail, recording }: Evidence): Check[] => {
  const talkedMs = Date.parse(detail.endedAt ?? '') - Date.parse(detail.answeredAt ?? '');
  return [
    check(
      'the recording is a stereo WAV of 8 kHz as long as the call',
      recording.status === 200 &&
        recording.channels === 2 &&
        recording.sampleRateHz === 8_000 &&
        Math.abs(recording.durationMs - talkedMs) <= DURATION_TOLERANCE_MS,
      () => `${JSON.stringify(recording)}, while the call lasted ${talkedMs} ms`,
    ),
    check(
      'both sides are on it',
      recording.levels.every((level) => level > AUDIBLE_LEVEL),
      () => `levels ${recording.levels.map((level) => level.toFixed(4)).join(' and ')}`,
    ),
  ];
};

const checkMedia = ({ conversation: { heard }, quality }: Evidence): Check[] => [
  check(
    'no packet towards the caller was lost',
    heard.lost === 0 && heard.malformed === 0 && heard.ssrcs === 1,
    () => `${heard.lost} lost, ${heard.malformed} malformed, ${heard.ssrcs} SSRCs`,
  ),
  check(
    'no packet of the caller was lost',
    quality !== null && quality['packetsLost'] === 0 && quality['packetsMalformed'] === 0,
    () =>
      quality ? `${quality['packetsLost']} lost, ${quality['packetsMalformed']} malformed` : 'nothing was measured',
  ),
  check(
    'every frame of the caller was given to the model, but for a last chunk cut off by the BYE',
    quality !== null && Number(quality['framesDecoded']) - Number(quality['framesToModel']) <= LAST_CHUNK_FRAMES,
    () => `${quality?.['framesDecoded']} decoded, ${quality?.['framesToModel']} to the model`,
  ),
];

export const checkEvidence = (evidence: Evidence): Check[] => [
  ...checkSignalling(evidence),
  ...checkSpeech(evidence),
  ...checkMedia(evidence),
  ...checkRecord(evidence),
  ...checkRecording(evidence),
];
