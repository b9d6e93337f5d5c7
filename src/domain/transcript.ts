/** A stretch of speech of one side, as kept and shown. Pure. */

export type Speaker = 'agent' | 'user';

export type TranscriptSegment = {
  /** Order within the call; with gaps where the call was taken over by another process. */
  index: number;
  speaker: Speaker;
  text: string;
  /** On the recording's clock. */
  startMs: number;
  endMs: number;
  /** The speaker was cut off; the text holds only what was heard. */
  interrupted: boolean;
};
