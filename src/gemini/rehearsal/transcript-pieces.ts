/** Where the words of a text lie in its speech, estimated from their length. Pure. */

export type TranscriptPiece = { atMs: number; text: string };

const PAUSE_LETTERS: Readonly<Record<string, number>> = { ',': 3, '.': 6, '?': 6, '!': 6 };
const LONGEST_PIECE = 14;

/** Groups of a few words with the time at which they begin; joined they give `text` again. */
export const alignPieces = (text: string, durationMs: number): TranscriptPiece[] => {
  const words = text.match(/\s*\S+/g) ?? [];
  const total = words.reduce((sum, word) => sum + weightOf(word), 0);
  const pieces: TranscriptPiece[] = [];
  let spoken = 0;
  for (const word of words) {
    const last = pieces.at(-1);
    if (last && last.text.length + word.length <= LONGEST_PIECE) last.text += word;
    else pieces.push({ atMs: (spoken * durationMs) / total, text: word });
    spoken += weightOf(word);
  }
  return pieces;
};

const weightOf = (word: string): number => word.trim().length + 1 + (PAUSE_LETTERS[word.at(-1) ?? ''] ?? 0);
