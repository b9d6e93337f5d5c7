/** Times between what the callers and the model server saw, both on the clock of one machine. Pure. */
import type { MarkName } from '#gemini/rehearsal/agent.ts';
import type { SessionRecord } from '#gemini/rehearsal/session-record.ts';
import type { Sound, VoicedRun } from './load-leg.ts';

const FRAME_MS = 20;
/** Longer than any delay that is still one. */
const LOOK_AHEAD_MS = 400;

const marksOf = (session: SessionRecord, what: MarkName): number[] =>
  session.marks.filter((mark) => mark.what === what).map(({ at }) => at);

/**
 * Last packet of a chunk sent by the caller → chunk with the sound's onset received by the model server. The onset is
 * in the first or in the second packet of its chunk, and that is the same for all sounds of a call.
 */
export const chunkDelaysMs = (sounds: readonly Sound[], session: SessionRecord): number[] => {
  const onsets = marksOf(session, 'callerOnset');
  const heard = sounds.flatMap((sound) => {
    const at = onsets.find((onset) => onset >= sound.firstSentAt && onset < sound.firstSentAt + LOOK_AHEAD_MS);
    return at === undefined || sound.secondSentAt === 0 ? [] : [{ sound, at }];
  });
  const isFirstOfChunk = heard.every(({ sound, at }) => at > sound.secondSentAt);
  return heard.map(({ sound, at }) => at - (isFirstOfChunk ? sound.secondSentAt : sound.firstSentAt));
};

/** `isLate`: a packet of the call left after the frame had been sent, and did not carry it. */
export type FirstPacket = { delayMs: number; isLate: boolean };

/** Model server sends the first frame of a stretch of speech → first voiced packet at the caller. */
export const firstPackets = (runs: readonly VoicedRun[], session: SessionRecord): FirstPacket[] =>
  marksOf(session, 'speechStarted').flatMap((at) => {
    const run = runs.find(({ firstAt }) => firstAt >= at && firstAt < at + LOOK_AHEAD_MS);
    return run === undefined ? [] : [{ delayMs: run.firstAt - at, isLate: run.beforeAt > at }];
  });

/** `interrupted` sent by the model server → last voiced packet at the caller; 0 when that had come already. */
export const flagStopsMs = (runs: readonly VoicedRun[], session: SessionRecord): number[] =>
  marksOf(session, 'interrupted').flatMap((at) => {
    const run = runs.findLast(({ firstAt }) => firstAt < at);
    const isHit = run !== undefined && run.lastAt > at - 2 * FRAME_MS;
    return isHit ? [Math.max(0, run.lastAt - at)] : [];
  });

export type OnsetStops = { stopsMs: number[]; missed: number };

/** Caller begins to speak over the agent → last voiced packet. Missed: the agent had not stopped within two seconds. */
export const onsetStops = (runs: readonly VoicedRun[], sounds: readonly Sound[]): OnsetStops => {
  const stopsMs = sounds.flatMap(({ firstSentAt }) => {
    const run = runs.find(({ firstAt, lastAt }) => firstAt < firstSentAt && lastAt >= firstSentAt - FRAME_MS);
    return run === undefined ? [] : [Math.max(0, run.lastAt - firstSentAt)];
  });
  const missed = stopsMs.filter((ms) => ms > 1_000).length;
  return { stopsMs: stopsMs.filter((ms) => ms <= 1_000), missed };
};

/** Stretches that ended well before their length, though nobody spoke. */
export const cutRuns = (runs: readonly VoicedRun[], lengthMs: number, untilAt: number): number =>
  runs.filter(({ firstAt, lastAt }) => lastAt - firstAt < lengthMs - 200 && firstAt + lengthMs < untilAt).length;
