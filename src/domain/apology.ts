/** What a caller is told when the model is lost for good, by language. Pure. */
import { languageCode } from './language.ts';

export const APOLOGIES = {
  en: 'I am sorry, I have a technical problem. Please call again later. Goodbye.',
  bg: 'Съжалявам, имам технически проблем. Моля, обадете се по-късно. Дочуване.',
  de: 'Es tut mir leid, ich habe ein technisches Problem. Bitte rufen Sie später noch einmal an. Auf Wiederhören.',
  es: 'Lo siento, tengo un problema técnico. Por favor, vuelva a llamar más tarde. Adiós.',
  fr: 'Je suis désolée, j’ai un problème technique. Veuillez rappeler plus tard. Au revoir.',
  it: 'Mi dispiace, ho un problema tecnico. La prego di richiamare più tardi. Arrivederci.',
} as const;

export type ApologyLanguage = keyof typeof APOLOGIES;

const isKnown = (code: string): code is ApologyLanguage => Object.hasOwn(APOLOGIES, code);

/** In English where there is none in the language of the call (BCP 47). */
export const apologyIn = (language: string): { language: ApologyLanguage; text: string } => {
  const code = languageCode(language);
  const known = isKnown(code) ? code : 'en';
  return { language: known, text: APOLOGIES[known] };
};
