/** Reads what a transcription program writes: plain text, or lines with times as whisper.cpp writes them. Pure. */
import type { HeardSegment } from '#domain/transcripts.ts';

/** `[00:00:01.500 --> 00:00:03.000]   text` */
const TIMED = /^\[(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3}) --> [\d:.,]+\]\s*(.*)$/;
/** Sounds that are no speech: `[BLANK_AUDIO]`, `(music)`. */
const NO_SPEECH = /^[[(]\s*[\p{L}_ ]{1,30}[\])]$/u;

const startMsOf = ([, hours, minutes, seconds, milliseconds]: RegExpExecArray): number =>
  ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 + Number(milliseconds);

/** Times are kept only when every line has one: half of them would put the two sides in a wrong order. */
export const readProgramOutput = (output: string): HeardSegment[] => {
  const lines = output
    .split(/\r\n|[\n\r\u2028]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const timed = lines.map((line) => TIMED.exec(line));
  const segments = timed.every((match) => match !== null)
    ? timed.map((match) => ({ startMs: startMsOf(match), text: (match[5] ?? '').trim() }))
    : lines.map((text) => ({ startMs: null, text }));
  return segments.filter(({ text }) => text !== '' && !NO_SPEECH.test(text));
};
