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
/** Speech dips to the noise between syllables, noise does not: the floor is the quietest frame of three seconds. */
const FLOOR_WINDOWS = 12;
const FLOOR_WINDOW_MS = 250;

const levelOf = (pcm: Int16Array, count: number): number => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += pcm[index]! * pcm[index]!;
  return 10 * Math.log10(sum / count + 1) - 90.3;
};

export const createVoiceDetector = (events: VoiceEvents): VoiceDetector => {
  const quietest = new Float32Array(FLOOR_WINDOWS).fill(FLOOR_START_DB);
  let window = -1;
  let heardMs = 0;
  let floorDb = FLOOR_START_DB;
  let isSpeaking = false;
  let voicedMs = 0;
  let unvoicedMs = 0;
  let overAgentMs = 0;
  let isOnsetTold = false;

  const follow = (db: number, ms: number): void => {
    const at = Math.floor(heardMs / FLOOR_WINDOW_MS) % FLOOR_WINDOWS;
    heardMs += ms;
    if (at !== window) {
      window = at;
      quietest[at] = db;
    } else quietest[at] = Math.min(quietest[at]!, db);
    floorDb = quietest[0]!;
    for (let index = 1; index < FLOOR_WINDOWS; index += 1) floorDb = Math.min(floorDb, quietest[index]!);
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
    // Capped: what was said before the agent spoke must not count against the agent who answers it.
    overAgentMs = isVoiced ? Math.min(ONSET_MS, overAgentMs + ms) : Math.max(0, overAgentMs - 2 * ms);
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
