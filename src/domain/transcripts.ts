/** Transcripts of a call's audio files, as they are kept and shown (`call_sessions.transcripts`). Pure. */
import type { Speaker } from './transcript.ts';

/** In the order in which they are shown. */
export const AUDIO_TYPES = ['mixed', 'incoming', 'outgoing'] as const;
export type AudioType = (typeof AUDIO_TYPES)[number];

export type SpokenTurn = { speaker: Speaker; text: string };

export type Transcript = {
  /** Of `mixed` with known speakers one `AGENT:` or `USER:` line for each turn. */
  content: string;
  conversation?: SpokenTurn[];
  success: boolean;
  /** ISO 639-1. */
  language: string | null;
  confidence: number | null;
  transcribed_at: string;
  method: 'live' | 'batch';
  filename: string | null;
  file: string | null;
  /** Characters of `content`, twice. */
  length: number;
  text_length: number;
  /** Present only without success. */
  error?: string;
};

export type Transcripts = Partial<Record<AudioType, Transcript>>;

/** What an engine heard in one file. `startMs` is null where the engine tells no times. */
export type HeardSegment = { startMs: number | null; text: string };
export type Heard = { segments: readonly HeardSegment[]; language: string | null; confidence: number | null };
export type HeardFile = { type: AudioType; fileName: string; heard: Heard };

type Common = Pick<Transcript, 'language' | 'confidence' | 'transcribed_at' | 'method' | 'filename' | 'file'>;

const NO_SPEECH = 'no speech found';

const textOf = ({ segments }: Heard): string =>
  segments
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join(' ');

/** Consecutive lines of one speaker become one turn. */
const toTurns = (lines: readonly SpokenTurn[]): SpokenTurn[] => {
  const turns: SpokenTurn[] = [];
  for (const { speaker, text } of lines) {
    const last = turns.at(-1);
    if (last?.speaker === speaker) last.text = `${last.text} ${text}`;
    else turns.push({ speaker, text });
  }
  return turns;
};

/** One `AGENT:` or `USER:` line for each turn. */
export const conversationText = (turns: readonly SpokenTurn[]): string =>
  turns.map(({ speaker, text }) => `${speaker === 'agent' ? 'AGENT' : 'USER'}: ${text}`).join('\n');

const withLength = (content: string, common: Common, more: Partial<Transcript> = {}): Transcript => ({
  content,
  success: content !== '',
  ...common,
  length: content.length,
  text_length: content.length,
  ...more,
  ...(content === '' ? { error: NO_SPEECH } : {}),
});

const commonOf = ({ fileName, heard }: HeardFile, at: Date): Common => ({
  language: heard.language,
  // `0 && …` would be shown as a bare 0.
  confidence: heard.confidence || null,
  transcribed_at: at.toISOString(),
  method: 'batch',
  filename: fileName,
  file: fileName,
});

const hasTimes = ({ heard }: HeardFile) => heard.segments.every(({ startMs }) => startMs !== null);

/** The two sides in the order spoken; null when an engine gave no times. */
const joinSides = (incoming: HeardFile, outgoing: HeardFile): SpokenTurn[] | null => {
  if (!hasTimes(incoming) || !hasTimes(outgoing)) return null;
  const side = (speaker: Speaker, { heard }: HeardFile) =>
    heard.segments.map(({ startMs, text }) => ({ speaker, startMs: startMs ?? 0, text: text.trim() }));
  const lines = [...side('user', incoming), ...side('agent', outgoing)]
    .filter(({ text }) => text !== '')
    .sort((a, b) => a.startMs - b.startMs);
  return toTurns(lines.map(({ speaker, text }) => ({ speaker, text })));
};

/** Whether the mixed file must be heard too: there is nothing to make its transcript from. */
export const needsMixedFile = (files: readonly HeardFile[]): boolean => {
  const incoming = files.find(({ type }) => type === 'incoming');
  const outgoing = files.find(({ type }) => type === 'outgoing');
  return !incoming || !outgoing || joinSides(incoming, outgoing) === null;
};

type Composition = { at: Date; mixedName: string | null };

const joined = (
  incoming: HeardFile | undefined,
  outgoing: HeardFile | undefined,
  { at, mixedName }: Composition,
): Transcript | null => {
  const turns = incoming && outgoing ? joinSides(incoming, outgoing) : null;
  if (!incoming || !outgoing || !turns) return null;
  const common = {
    ...commonOf(incoming, at),
    language: incoming.heard.language ?? outgoing.heard.language,
    confidence: null,
    filename: mixedName,
    file: mixedName,
  };
  return withLength(conversationText(turns), common, { conversation: turns });
};

/** `mixedName` is the file whose sides were heard. */
export const composeTranscripts = (files: readonly HeardFile[], composition: Composition): Transcripts => {
  const of = (type: AudioType) => files.find((file) => file.type === type);
  const plain = (file: HeardFile | undefined) =>
    file ? withLength(textOf(file.heard), commonOf(file, composition.at)) : null;
  const byType = {
    mixed: joined(of('incoming'), of('outgoing'), composition) ?? plain(of('mixed')),
    incoming: plain(of('incoming')),
    outgoing: plain(of('outgoing')),
  };
  return Object.fromEntries(Object.entries(byType).filter(([, transcript]) => transcript !== null));
};

/** What was said, for who sums it up; empty when nothing is known. */
export const spokenText = (transcripts: Transcripts | null): string => {
  const { mixed, incoming, outgoing } = transcripts ?? {};
  if (mixed?.success) return mixed.content;
  const sides = [
    incoming?.success ? `USER: ${incoming.content}` : '',
    outgoing?.success ? `AGENT: ${outgoing.content}` : '',
  ];
  return sides.filter((side) => side !== '').join('\n');
};
