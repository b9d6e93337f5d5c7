/** The demo's call on a running system: ticker, conversation, evidence, report. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '#app/launcher/start-system.ts';
import { createApiClient } from './api-client.ts';
import type { ApiCallDetail, ApiClient, ApiEvent, ApiSegment } from './api-client.ts';
import { createCaller } from './caller.ts';
import { checkEvidence } from './checks.ts';
import type { Check, Evidence } from './checks.ts';
import { holdConversation } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { loadClips } from './demo-clips.ts';
import { readRecording } from './read-recording.ts';
import {
  fullTimelineTable,
  messageText,
  segmentText,
  table,
  tickText,
  timelineTable,
  transcriptText,
} from './report.ts';

export type Say = (line: string) => void;

const SETTLE_TIMEOUT_MS = 10_000;
const POLL_MS = 100;

/** A line for each change; those of quality alone say nothing new. */
const createTicker = (say: Say) => {
  const began = performance.now();
  const tick = (text: string) => say(`  ${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);
  let latest = '';
  const said = new Map<number, string>();
  const onSegment = (segment: ApiSegment) => {
    const text = segmentText(segment).trim();
    // A segment is told anew while it grows, and when it is kept.
    if (said.get(segment.index) === text) return;
    said.set(segment.index, text);
    tick(`said: ${text}`);
  };
  return {
    tick,
    onEvent({ name, data }: ApiEvent): void {
      if (name === 'transcript.segment') onSegment(data['segment'] as ApiSegment);
      if (name === 'call.ended') tick(`ended: ${String(data['status'])}, ${String(data['cause'])}`);
      if (name !== 'call.state') return;
      const text = tickText(data['call'] as Record<string, unknown>);
      if (text !== latest) tick(text);
      latest = text;
    },
  };
};

const untilSettled = async (api: ApiClient, sipCallId: string): Promise<ApiCallDetail> => {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  let latest = 'no row';
  while (performance.now() < deadline) {
    for (const { callId } of await api.calls()) {
      const detail = await api.call(callId);
      latest = `status ${detail.status}, recording ${detail.recording?.state ?? 'none'}`;
      const isDone = detail.endedAt !== null && detail.ledger !== null && detail.recording?.state === 'published';
      if (isDone && detail.sipCallId === sipCallId) return detail;
    }
    await pause(POLL_MS);
  }
  throw new Error(`The call was not settled ${SETTLE_TIMEOUT_MS / 1000} s after its end: ${latest}.`);
};

const gather = async (api: ApiClient, sipCallId: string, conversation: Conversation): Promise<Evidence> => {
  const detail = await untilSettled(api, sipCallId);
  const [calls, transcript, timeline, recording] = await Promise.all([
    api.calls(),
    api.transcript(detail.callId),
    api.timeline(detail.callId),
    api.recording(detail.callId, 'stereo'),
  ]);
  const quality = timeline.find(({ eventType }) => eventType === 'leg.closed')?.event?.statistics ?? null;
  return {
    sipCallId,
    conversation,
    calls,
    detail,
    transcript,
    timeline,
    quality,
    recording: readRecording(recording.status, recording.bytes),
  };
};

const ms = (value: number): string => `${Math.round(value)} ms`;

const qualityTable = ({ conversation: { heard }, quality }: Evidence): string => {
  const ours = (name: string) => String(quality?.[name] ?? '-');
  return table(
    ['direction', 'packets', 'lost', 'jitter', 'other'],
    [
      [
        'caller to agent',
        `${ours('packetsReceived')} of ${heard.sent}`,
        ours('packetsLost'),
        `${ours('jitterMs')} ms`,
        `MOS ${ours('mos')}, ${ours('framesToModel')} of ${ours('framesDecoded')} frames to the model`,
      ],
      [
        'agent to caller',
        `${heard.received} of ${ours('packetsSent')}`,
        String(heard.lost),
        `${heard.jitterMs.toFixed(2)} ms`,
        `longest gap ${ms(heard.longestGapMs)}`,
      ],
    ],
  );
};

const report = (say: Say, evidence: Evidence, recordingPath: string): void => {
  const { conversation, transcript, timeline, detail, recording } = evidence;
  const section = (title: string, text: string) => say(`\n${title}\n${text}`);
  section('Transcript', transcriptText(transcript));
  section('Timeline', timelineTable(timeline));
  section('RTP', qualityTable(evidence));
  section(
    'Timing',
    table(
      ['what', 'took'],
      [
        ['ACK to greeting', ms(conversation.greetingAfterMs)],
        ['question to answer', ms(conversation.answerAfterMs)],
        ['barge-in to silence', ms(conversation.silentAfterBargeInMs)],
      ],
    ),
  );
  section('Recording', `  ${(recording.durationMs / 1000).toFixed(1)} s, ${recordingPath}`);
  section(
    'Answers to the two BYEs',
    conversation.byes.map((answer, index) => `  ${index + 1}.\n${messageText(answer)}`).join('\n'),
  );
  const leaked = detail.ledger?.leaked ?? [];
  section(
    'Ledger',
    `  ${leaked.length === 0 ? 'empty: every socket, port, timer and file was given back' : leaked.join(', ')}`,
  );
};

/** What is known of a call that went wrong. */
const showWhatHappened = async (say: Say, api: ApiClient): Promise<void> => {
  for (const { callId } of await api.calls()) {
    say(`\nTimeline of ${callId}\n${fullTimelineTable(await api.timeline(callId))}`);
  }
};

/** Resolves with what was checked; rejects with one sentence when the call could not be made at all. */
export const runDemo = async (system: System, say: Say): Promise<Check[]> => {
  const sipTarget = system.addresses.sip.find(({ protocol }) => protocol === 'udp');
  if (!sipTarget) throw new Error('There is no SIP address to call.');
  const api = createApiClient(system.addresses.http, system.apiToken);
  const clips = await loadClips();
  const caller = await createCaller({ sipTarget });
  const ticker = createTicker(say);
  const unfollow = await api.follow(ticker.onEvent);
  try {
    say('\nThe call');
    const conversation = await holdConversation(caller, clips, (text) => ticker.tick(`caller: ${text}`));
    const evidence = await gather(api, caller.callId, conversation);
    const folder = join(system.dataDirectory, 'sessions', evidence.detail.callId);
    report(say, evidence, join(folder, 'recording.wav'));
    return checkEvidence(evidence);
  } catch (error) {
    await showWhatHappened(say, api).catch(() => undefined);
    throw error;
  } finally {
    unfollow();
    caller.close();
  }
};
