/** A caller who asks, waits for the answer, and asks again; and notes how long each word that was owed took to come. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '#demo/caller.ts';
import type { StreamWatch } from './stream-watch.ts';

/** `performance.now()`. When it was not answered it ends with the caller's patience; the question is asked again. */
export type Wait = { why: 'question' | 'cutOff'; from: number; to: number; isAnswered: boolean };

const waitOf = (why: Wait['why'], from: number, to: number | null): Wait => ({
  ...{ why, from },
  to: to ?? performance.now(),
  isAnswered: to !== null,
});

export type Conversation = {
  caller: Caller;
  stream: StreamWatch;
  questions: readonly Uint8Array[];
  waits: Wait[];
  /** Asks the model for what it is to do before the next question; false: nothing is to be done. */
  askForTool: () => Promise<boolean>;
  ending: AbortSignal;
};

const POLL_MS = 50;
const QUIET_MS = 800;
const FLOWING_MS = 200;
const ANSWER_PATIENCE_MS = 30_000;
const CUT_PATIENCE_MS = 15_000;
/** The model says something after each tool; when the tool was lost with a process, nothing comes. */
const TOOL_PATIENCE_MS = 3_000;
/** A pause in the packets this soon after a voiced one cut the agent off in mid-sentence. */
const CUT_GAP_MS = 300;
const CUT_AFTER_VOICE_MS = 250;

export const converse = async (conversation: Conversation): Promise<void> => {
  const { caller, stream, questions, waits, ending } = conversation;
  await untilVoiceAfter(stream, 0, ANSWER_PATIENCE_MS, ending);
  for (let turn = 0; !ending.aborted; turn += 1) {
    await listenToTheEnd(conversation);
    const askedAt = performance.now();
    if (await conversation.askForTool()) {
      await untilVoiceAfter(stream, askedAt, TOOL_PATIENCE_MS, ending);
      await listenToTheEnd(conversation);
    }
    const question = questions[turn % questions.length];
    if (ending.aborted || !question) return;
    await caller.audio.play(question);
    const from = performance.now();
    const to = await untilVoiceAfter(stream, from, ANSWER_PATIENCE_MS, ending);
    if (!ending.aborted) waits.push(waitOf('question', from, to));
  }
};

/** Null: not in time. */
const untilVoiceAfter = async (
  stream: StreamWatch,
  since: number,
  patienceMs: number,
  ending: AbortSignal,
): Promise<number | null> => {
  const heard = Promise.withResolvers<number>();
  const unlisten = stream.onVoice((at) => {
    if (at > since) heard.resolve(at);
  });
  const late = new AbortController();
  const timer = pause(patienceMs, null, { signal: AbortSignal.any([ending, late.signal]) }).catch(() => null);
  const at = await Promise.race([heard.promise, timer]);
  late.abort();
  unlisten();
  return at;
};

/** Until the agent has been quiet for a while, on a line that works; speech that was cut off is waited for. */
const listenToTheEnd = async ({ stream, waits, ending }: Conversation): Promise<void> => {
  let since = performance.now();
  while (!ending.aborted) {
    await pause(POLL_MS);
    const now = performance.now();
    const voiceAt = stream.lastVoiceAt ?? now;
    const cut = stream
      .packetGaps(since)
      .find(({ from, to }) => to - from > CUT_GAP_MS && from - stream.voiceBefore(from) < CUT_AFTER_VOICE_MS);
    if (cut) {
      since = now;
      const to = voiceAt > cut.to ? voiceAt : await untilVoiceAfter(stream, cut.to, CUT_PATIENCE_MS, ending);
      if (!ending.aborted) waits.push(waitOf('cutOff', cut.from, to));
      continue;
    }
    const isFlowing = now - (stream.lastPacketAt ?? 0) < FLOWING_MS;
    if (isFlowing && now - voiceAt > QUIET_MS) return;
  }
};
