/** The clips as the agent speaks them, per language, with tones made on demand; shared by all sessions. */
import type { Clip } from './clips.ts';
import type { DialogueScript } from './dialogue.ts';
import { toneSpeech, toSpeech, type Speech } from './speech.ts';

export type Language = 'en' | 'bg';

export type Voices = {
  speech(clipId: string): Speech;
  /** Clip ids by role. */
  script(language: Language): Pick<DialogueScript, 'greeting' | 'answers' | 'farewell'>;
  tone(hz: number, durationMs: number): Speech;
};

const TONES_KEPT = 256;

export const createVoices = (clips: readonly Clip[]): Voices => {
  const spoken = clips.filter((clip) => clip.role !== 'question');
  const speeches = new Map(spoken.map((clip) => [clip.id, toSpeech(clip)]));
  const tones = new Map<string, Speech>();
  const idsOf = (language: Language, role: Clip['role']) =>
    spoken.filter((clip) => clip.language === language && clip.role === role).map((clip) => clip.id);

  return {
    speech: (clipId) => {
      const speech = speeches.get(clipId);
      if (!speech) throw new Error(`There is no clip ${clipId}.`);
      return speech;
    },
    script: (language) => ({
      greeting: idsOf(language, 'greeting')[0] ?? '',
      answers: idsOf(language, 'answer'),
      farewell: idsOf(language, 'farewell')[0] ?? '',
    }),
    tone: (hz, durationMs) => {
      const key = `${hz}/${durationMs}`;
      const known = tones.get(key);
      if (known) return known;
      if (tones.size >= TONES_KEPT) tones.clear();
      const made = toneSpeech(hz, durationMs);
      tones.set(key, made);
      return made;
    },
  };
};

/** The language asked for by code, else the one the instruction names or is written in. */
export const chooseLanguage = (languageCode: string | null, instruction: string): Language => {
  if (languageCode !== null) return languageCode.toLowerCase().startsWith('bg') ? 'bg' : 'en';
  if (/bulgarian|български/i.test(instruction)) return 'bg';
  const cyrillic = instruction.match(/[а-я]/gi)?.length ?? 0;
  const latin = instruction.match(/[a-z]/gi)?.length ?? 0;
  return cyrillic > latin ? 'bg' : 'en';
};
