import { expect, test } from 'vitest';
import { phrasesIn, plainWords } from '#domain/answering-phrases.ts';

const kindsIn = (language: string, text: string) => [...phrasesIn(plainWords(text), [language])];

test('Words are compared without case, accents on Latin letters and punctuation', () => {
  expect(plainWords('  Grüß Gott, Élodie! Добър ден, Стойко?')).toBe('gruss gott elodie добър ден стойко');
});

test.for([
  ['en-US', 'Please leave your name and number after the tone.', 'machine'],
  ['de-DE', 'Bitte hinterlassen Sie eine Nachricht.', 'machine'],
  ['es-ES', 'Deje su mensaje después de la señal.', 'machine'],
  ['fr-FR', 'Laissez-moi un message après le bip.', 'machine'],
  ['it-IT', 'Lasciate un messaggio dopo il segnale acustico.', 'machine'],
  ['bg-BG', 'Оставете съобщение след сигнала.', 'machine'],
  ['bg-BG', 'The subscriber you are calling is not available.', 'machine'],
  ['en-US', 'Please say your name and why you are calling.', 'screener'],
  ['fr-FR', 'Dites votre nom et la raison de votre appel.', 'screener'],
  ['en-US', 'Good morning, how can I help you?', 'human'],
  ['bg-BG', 'Добър ден, с какво мога да ви помогна?', 'human'],
  ['en-US', "You've reached Miller and Sons.", 'perhapsMachine'],
  ['en-US', 'The person you are calling', 'perhapsMachine'],
  ['de-DE', 'Hier ist die Mailbox von', 'mailbox'],
  ['bg-BG', 'Гласова поща. Моля, кажете името', 'mailbox'],
  ['de-DE', 'Guten Tag, Autohaus Schneider', 'business'],
  ['bg-BG', 'Един момент, моля.', 'human'],
] as const)('%s: "%s" is said by a %s', ([language, text, kind]) => {
  expect(kindsIn(language, text)).toContain(kind);
});

test.for([
  ['en-US', 'Hello, John speaking.'],
  ['de-DE', 'Müller, guten Tag.'],
  ['es-ES', '¿Sí, dígame?'],
  ['fr-FR', 'Allô, oui, bonjour.'],
  ['it-IT', 'Pronto, buongiorno.'],
  ['bg-BG', 'Ало, добър ден.'],
] as const)('%s: "%s" decides nothing', ([language, text]) => {
  expect(kindsIn(language, text).filter((kind) => kind !== 'business')).toEqual([]);
});
