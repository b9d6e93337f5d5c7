/** A greeting that was spoken by the model before, played as if it were saying it now. */
import { readClipFile } from '#media/clip-file.ts';

const MODEL_RATE_HZ = 24_000;

/** 24 kHz. Rejects where there is no clip that could be played. */
export const readGreetingClip = async (path: string): Promise<Int16Array> => {
  const { pcm, sampleRateHz } = await readClipFile(path);
  if (sampleRateHz !== MODEL_RATE_HZ || pcm.length === 0) throw new Error('The clip of the greeting cannot be played.');
  return pcm;
};

/** Word by word, spread evenly: of a clip that is cut only what was heard counts as said. */
export const sayClip = (
  pcm24k: Int16Array,
  text: string,
  say: { word(text: string): void; audio(pcm24k: Int16Array): void },
): void => {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const samplesEach = Math.ceil(pcm24k.length / Math.max(1, words.length));
  words.forEach((word, index) => {
    say.word(index === 0 ? word : ` ${word}`);
    say.audio(pcm24k.subarray(index * samplesEach, (index + 1) * samplesEach));
  });
  if (words.length === 0) say.audio(pcm24k);
};
