/** Finds the caller's speech by its energy over an adaptive noise floor; stricter while the agent can be heard. */

export type VoiceEvents = {
  /** Speech that began `agoMs` before now. */
  started(agoMs: number): void;
  /** Speech that ended `agoMs` before now. */
  stopped(agoMs: number): void;
  /** The caller talks over the agent: enough voice to believe it is meant. */
  onset(): void;
};

export type VoiceDetector = {
  /** Takes 8 kHz audio in the order in which it was spoken. */
  push(pcm: Int16Array, count: number, agent: { isAudible: boolean; levelDb: number }): void;
  isSpeaking(): boolean;
};

const ONSET_MS = 100;
const HANGOVER_MS = 500;
const MIN_DB = -45;
const MIN_DB_OVER_AGENT = -40;
const OVER_FLOOR_DB = 10;
const OVER_FLOOR_WITH_AGENT_DB = 12;
/** An echo of the agent on a decent line lies at least this far below what was sent. */
const ECHO_LOSS_DB = 22;
const FLOOR_START_DB = -60;
const FLOOR_RISE_DB_PER_MS = 0.0025;
const FLOOR_RISE_IN_SPEECH_DB_PER_MS = 0.0005;

const levelOf = (pcm: Int16Array, count: number): number => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += pcm[index]! * pcm[index]!;
  return 10 * Math.log10(sum / count + 1) - 90.3;
};

export const createVoiceDetector = (events: VoiceEvents): VoiceDetector => {
  let floorDb = FLOOR_START_DB;
  let isSpeaking = false;
  let voicedMs = 0;
  let unvoicedMs = 0;
  let overAgentMs = 0;
  let isOnsetTold = false;

  const follow = (db: number, ms: number): void => {
    if (db < floorDb) floorDb += (db - floorDb) * 0.2;
    else {
      const rise = isSpeaking ? FLOOR_RISE_IN_SPEECH_DB_PER_MS : FLOOR_RISE_DB_PER_MS;
      floorDb = Math.min(db, floorDb + rise * ms);
    }
  };

  const noteSpeech = (isVoiced: boolean, ms: number): void => {
    voicedMs = isVoiced ? voicedMs + ms : Math.max(0, voicedMs - 2 * ms);
    unvoicedMs = isVoiced ? 0 : unvoicedMs + ms;
    if (!isSpeaking && voicedMs >= ONSET_MS) {
      isSpeaking = true;
      events.started(voicedMs);
    } else if (isSpeaking && unvoicedMs >= HANGOVER_MS) {
      isSpeaking = false;
      voicedMs = 0;
      events.stopped(unvoicedMs);
    }
  };

  const noteOnset = (isVoiced: boolean, ms: number, isAudible: boolean): void => {
    overAgentMs = isVoiced ? overAgentMs + ms : Math.max(0, overAgentMs - 2 * ms);
    if (!isVoiced && overAgentMs === 0) isOnsetTold = false;
    if (!isAudible || isOnsetTold || overAgentMs < ONSET_MS) return;
    isOnsetTold = true;
    events.onset();
  };

  return {
    push: (pcm, count, agent) => {
      if (count === 0) return;
      const ms = count / 8;
      const db = levelOf(pcm, count);
      noteSpeech(db > Math.max(floorDb + OVER_FLOOR_DB, MIN_DB), ms);
      const overAgent = Math.max(floorDb + OVER_FLOOR_WITH_AGENT_DB, MIN_DB_OVER_AGENT, agent.levelDb - ECHO_LOSS_DB);
      noteOnset(db > overAgent, ms, agent.isAudible);
      follow(db, ms);
    },
    isSpeaking: () => isSpeaking,
  };
};
