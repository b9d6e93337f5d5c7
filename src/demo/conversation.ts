/** What the demo's caller does: calls, hears the greeting, asks, barges in once, hears the answer, says goodbye twice. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from './caller.ts';
import { listenTo } from './listening.ts';
import type { StreamStatistics } from './rtp-stream.ts';
import type { CallerMessage } from './sip-text.ts';

export type Conversation = {
  answer: CallerMessage;
  provisionals: readonly number[];
  /** From the ACK to the first voiced packet. */
  greetingAfterMs: number;
  greetingLastedMs: number;
  /** From the end of the question to the first voiced packet of the answer. */
  answerAfterMs: number;
  /** From the caller's first voiced packet to the agent's last. */
  silentAfterBargeInMs: number;
  secondAnswerLastedMs: number;
  byes: readonly CallerMessage[];
  heard: StreamStatistics;
};

export type Clips = { question: Uint8Array; interruption: Uint8Array };

const SPEAKING_PAUSE_MS = 1_200;
const BARGE_IN_AFTER_MS = 1_500;
const SILENCE_AFTER_BARGE_IN_MS = 400;
const GREETING_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 6_000;
const LONGEST_SPEECH_MS = 15_000;

export const holdConversation = async (
  caller: Caller,
  clips: Clips,
  narrate: (text: string) => void,
): Promise<Conversation> => {
  const listening = listenTo(caller.audio);
  narrate('INVITE');
  const answer = await caller.invite();
  if (answer.status !== 200) throw new Error(`The INVITE was answered ${answer.startLine}`);
  const acknowledgedAt = performance.now();
  narrate('200, ACK sent; listening to the greeting');

  const greetingAt = await listening.untilVoice('The greeting', GREETING_TIMEOUT_MS);
  const greetingEndedAt = await listening.untilQuiet('The end of the greeting', SPEAKING_PAUSE_MS, LONGEST_SPEECH_MS);

  narrate('greeting heard; asking the first question');
  await caller.audio.play(clips.question);
  const askedAt = performance.now();
  const answerAt = await listening.untilVoice('The answer', ANSWER_TIMEOUT_MS);
  await pause(BARGE_IN_AFTER_MS);

  narrate('barging in');
  const bargedInAt = performance.now();
  const interrupting = caller.audio.play(clips.interruption);
  const silentAt = await listening.untilQuiet(
    'The silence after barge-in',
    SILENCE_AFTER_BARGE_IN_MS,
    LONGEST_SPEECH_MS,
  );
  await interrupting;

  const secondAnswerAt = await listening.untilVoice('The answer after barge-in', ANSWER_TIMEOUT_MS);
  const secondEndedAt = await listening.untilQuiet('The end of that answer', SPEAKING_PAUSE_MS, LONGEST_SPEECH_MS);

  narrate('answer heard; BYE, twice');
  const heard = caller.audio.statistics();
  const byes = await caller.bye(2);
  return {
    answer,
    provisionals: caller.provisionals.map(({ status }) => status),
    greetingAfterMs: greetingAt - acknowledgedAt,
    greetingLastedMs: greetingEndedAt - greetingAt,
    answerAfterMs: answerAt - askedAt,
    silentAfterBargeInMs: Math.max(0, silentAt - bargedInAt),
    secondAnswerLastedMs: secondEndedAt - secondAnswerAt,
    byes,
    heard,
  };
};
